import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import './theme/mantine.css'
import '@mantine/notifications/styles.css'
import { App } from './app.tsx'
import { listenForFiles } from './record-page/given-files.ts'
import { begin, type Start } from './session/session.ts'
import { takeDoublePressesOnce } from './shell/double-press.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('the page has no place for the app')
// One picture follows the other, with none that is empty in between.
flushSync(() => createRoot(root).render(<App />))
document.querySelector('.coming')?.remove()
takeDoublePressesOnce()
listenForFiles()
void startOf(new URL(location.href)).then(begin)

/** A frame of the lab is a client of its own, with its own storage, network and clock. */
async function startOf({ pathname, searchParams }: URL): Promise<Start> {
  const frame = /^\/lab\/frame\/(\w+)/.exec(pathname)?.[1]
  if (frame !== undefined) {
    const { startOfFrame } = await import('./lab/frame-start.ts')
    return startOfFrame(frame)
  }
  const as = searchParams.get('as')
  return as === null ? {} : { as }
}
