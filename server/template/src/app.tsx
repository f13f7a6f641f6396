import { SyncBadge, useDesk, useTray } from 'corecord/react'
import { useEffect, useState } from 'react'
import { signOut } from './session.ts'
import { TaskList } from './task-list.tsx'
import { TaskPage } from './task-page.tsx'

/** The address says which task is open: `#/<id>`. One that nobody can read opens none. */
const idIn = (hash: string): string | null => {
  try {
    return hash.startsWith('#/') && hash.length > 2 ? decodeURIComponent(hash.slice(2)) : null
  } catch {
    return null
  }
}

const useOpenId = (): string | null => {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = (): void => setHash(location.hash)
    window.addEventListener('hashchange', changed)
    return () => window.removeEventListener('hashchange', changed)
  }, [])
  return idIn(hash)
}

/** What the server would not take is kept, with the reason, until its person has said what becomes of it. */
const Refused = () => {
  const { items, retry, discard } = useTray()
  return items?.map(({ id, text, sentence }) => (
    <p key={id} role="alert">
      Not taken: «{text.slice(0, 100)}». {sentence}
      <button type="button" onClick={() => void retry(id).catch(() => {})}>
        Try again
      </button>
      <button type="button" onClick={() => discard(id)}>
        Discard
      </button>
    </p>
  ))
}

export const App = () => {
  const desk = useDesk()
  const id = useOpenId()
  return (
    <>
      <header>
        <a href="#/">Tasks</a>
        <SyncBadge />
        <button type="button" onClick={() => void signOut(desk)}>
          Sign out
        </button>
      </header>
      <Refused />
      {id === null ? <TaskList /> : <TaskPage key={id} id={id} />}
    </>
  )
}
