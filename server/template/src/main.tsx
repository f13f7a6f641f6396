import { DeskProvider, Inspector } from 'corecord/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { nameHere, openDesk } from './session.ts'
import { SignIn } from './sign-in.tsx'
import './style.css'

const root = createRoot(document.querySelector('#app') ?? document.body)

const show = (name: string): void => {
  const desk = openDesk(name)
  root.render(
    <StrictMode>
      <DeskProvider desk={desk}>
        <App />
        <Inspector when="debug" />
      </DeskProvider>
    </StrictMode>,
  )
}

const name = nameHere()
if (name === null) root.render(<SignIn onName={show} />)
else show(name)

// Where the page is not secure (http on another machine) there are no service workers, and all else works.
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(console.warn)
