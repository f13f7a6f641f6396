// A page as an application would write one, on what the public entries export. Who it is, and where the server is,
// stands in its address; `window.test` is how a story looks at what a person cannot see.

import Quill from 'quill'
import { Activity, type ReactElement, type ReactNode, StrictMode, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { connect, type Desk, type LiveRecord } from '../../../../client/index.ts'
import {
  Avatars,
  ConflictPicker,
  DeskProvider,
  Inspector,
  RichText,
  SyncBadge,
  TextInput,
  useField,
  useList,
  usePresence,
  useRecord,
  useSync,
  useTray,
} from '../../../../client/react/index.ts'
import { Part, Ticket } from '../../../client/records.ts'
import { AllHooks, Bell, Counted, Parts, Walked } from './hooks.tsx'

const query = new URLSearchParams(location.search)
const server = query.get('server') ?? ''

declare global {
  interface Window {
    test: {
      desk: Desk
      draws: Record<string, number>
      ticket(): LiveRecord<typeof Ticket>
      seenAt: Record<string, number>
      addPart(name: string): void
      mountAndUnmount(times: number): void
      takeOver(): Promise<{ made: string; problems: string[]; shown: string }>
      show(isShown: boolean): void
      walk(id: string | null): void
    }
  }
}

const desk = connect({
  url: server,
  token: async () => {
    const named = localStorage.getItem('token')
    return named ?? query.get('token') ?? ''
  },
  records: [Ticket, Part],
  firstDelayMs: 50,
  longestDelayMs: 300,
  failuresBeforePolling: Number(query.get('failures') ?? 3),
  pollIntervalMs: 200,
})

const draws: Record<string, number> = {}
const seenAt: Record<string, number> = {}
const drawn = (name: string): void => {
  draws[name] = (draws[name] ?? 0) + 1
}
const id = query.get('id') ?? '1'
/** Of a page that a server made with a desk of its own, which read nothing. */
const takeOver = async (): Promise<{ made: string; problems: string[]; shown: string }> => {
  const page = (of: Desk): ReactElement => (
    <DeskProvider desk={of}>
      <SyncBadge />
      <AllHooks id={id} />
    </DeskProvider>
  )
  const cold = connect({ url: server, token: () => '', records: [Ticket, Part], storage: 'memory' })
  const element = document.createElement('div')
  element.innerHTML = renderToString(page(cold))
  await cold.close()
  const made = element.textContent
  const problems: string[] = []
  const root = hydrateRoot(element, page(desk), { onRecoverableError: error => problems.push(String(error)) })
  while (element.textContent === made && problems.length === 0)
    await new Promise(done => requestAnimationFrame(done))
  const shown = element.textContent
  root.unmount()
  return { made, problems, shown }
}
const walked = createRoot(document.body.appendChild(document.createElement('div')))
let setShown: (isShown: boolean) => void = () => {}
window.test = {
  show: isShown => flushSync(() => setShown(isShown)),
  desk,
  draws,
  seenAt,
  takeOver,
  ticket: () => desk.glance(Ticket, id),
  addPart: name => desk.create(Part, { ticket: `ticket:${id}`, name }).close(),
  walk(to) {
    walked.render(<DeskProvider desk={desk}>{to === null ? null : <Walked id={to} />}</DeskProvider>)
  },
  mountAndUnmount(times) {
    const extra = createRoot(document.createElement('div'))
    for (let i = 0; i < times; i++) {
      flushSync(() =>
        extra.render(
          <DeskProvider desk={desk}>
            <AllHooks id={id} />
          </DeskProvider>,
        ),
      )
      flushSync(() => extra.render(null))
    }
    extra.unmount()
  },
}

/** Put away and shown again without being drawn anew, as the pages of an application may be. */
const PutAway = ({ children }: { readonly children: ReactNode }): ReactElement => {
  const [isShown, set] = useState(true)
  setShown = set
  return <Activity mode={isShown ? 'visible' : 'hidden'}>{children}</Activity>
}

const App = (): ReactElement => (
  <>
    <SyncBadge id="badge" />
    <Pending />
    <PutAway>
      <Tickets />
      <Details />
    </PutAway>
    <TrayList />
    {query.has('hooks') ? (
      <>
        <Bell />
        <Parts id={id} />
        <Counted />
      </>
    ) : null}
    {query.has('inspector') ? <Inspector /> : null}
  </>
)

const Pending = (): ReactElement => {
  const { pending, onDevice, carrier } = useSync()
  return (
    <output id="pending">{`${pending} pending, ${onDevice} on device, by ${carrier ?? 'nothing'}`}</output>
  )
}

const Tickets = (): ReactElement => {
  drawn('list')
  const { rows, state } = useList(Ticket, { orderBy: ['title', 'asc'] })
  if (rows === undefined) return <p id="tickets">Loading</p>
  return (
    <ul id="tickets" data-state={state}>
      {rows.map(row => (
        <li key={row.id}>
          {row.title} {row.status}
        </li>
      ))}
    </ul>
  )
}

const Details = (): ReactElement => {
  const { state, error } = useRecord(Ticket, id)
  if (state !== 'ready') {
    return (
      <p id="details" data-state={state}>
        {error?.sentence ?? state}
        <button
          type="button"
          id="create"
          onClick={() => void desk.ready.then(() => desk.create(Ticket, { title: 'Leak' }, { id }).close())}
        >
          Create
        </button>
      </p>
    )
  }
  return (
    <section id="details" data-state={state}>
      <Who />
      <TextInput type={Ticket} id={id} path="title" aria-label="Title" />
      <TextInput type={Ticket} id={id} path="notes" aria-label="Notes" />
      <RichText type={Ticket} id={id} name="description" quill={Quill} aria-label="Description" />
      <Status />
      <TitleAlone />
      <ConflictPicker type={Ticket} id={id} path="price" />
    </section>
  )
}

const Who = (): ReactElement => {
  const { people } = usePresence(Ticket, id)
  return <Avatars id="who" people={people} data-fields={people.map(({ field }) => field).join()} />
}

const Status = (): ReactElement => {
  drawn('status')
  const { status } = useRecord(Ticket, id)
  const { value, save, set, problem } = useField(Ticket, id, 'status')
  return (
    <label>
      Status
      <select
        value={value ?? 'open'}
        data-save={save}
        disabled={status.readOnly}
        onChange={event => set(event.target.value as 'open')}
      >
        <option>open</option>
        <option>in_progress</option>
        <option>done</option>
        <option>closed</option>
      </select>
      <span id="status-problem">{problem?.sentence}</span>
    </label>
  )
}

const TitleAlone = (): ReactElement => {
  drawn('title')
  const title = useRecord(Ticket, id, view => view.title)
  const field = useField(Ticket, id, 'title')
  const last = useRef(title)
  if (title !== undefined && last.current !== title) {
    last.current = title
    seenAt[title] = Date.now()
  }
  return (
    <h1 id="title" data-save={field.save}>
      {title}
    </h1>
  )
}

const TrayList = (): ReactElement => {
  const { items, retry, discard } = useTray()
  return (
    <ul id="tray">
      {(items ?? []).map(item => (
        <li key={item.id}>
          {item.path}: {item.text} ({item.sentence})
          <button type="button" onClick={() => void retry(item.id)}>
            Again
          </button>
          <button type="button" onClick={() => discard(item.id)}>
            Discard
          </button>
        </li>
      ))}
    </ul>
  )
}

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no root')
createRoot(root).render(
  <StrictMode>
    <DeskProvider desk={desk}>
      <App />
    </DeskProvider>
  </StrictMode>,
)
