// Hooks that the page itself has no use for.

import Quill from 'quill'
import type { ReactElement } from 'react'
import {
  RichText,
  TextInput,
  useBelonging,
  useDigest,
  useEvents,
  useField,
  useInbox,
  useKeepOffline,
  useList,
  useMine,
  usePresence,
  useRecord,
  useRefreshOnChange,
  useSync,
  useText,
  useTray,
} from '../../../../client/react/index.ts'
import { Part, Ticket } from '../../../client/records.ts'

export const Bell = (): ReactElement => {
  const { items, unread, read, readAll, clear } = useInbox()
  return (
    <section id="bell" data-state={items === undefined ? 'loading' : 'there'} data-unread={unread}>
      <button type="button" onClick={readAll}>
        Read all
      </button>
      <ul>
        {(items ?? []).map(item => (
          <li key={item.id} data-read={item.read} data-count={item.count}>
            {item.sentence}
            <button type="button" onClick={() => read(item.id)}>
              Read
            </button>
            <button type="button" onClick={() => clear(item.id)}>
              Clear
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

export const Parts = ({ id }: { readonly id: string }): ReactElement => {
  const { lists, state } = useBelonging(Ticket, id)
  return (
    <ul id="parts" data-state={state}>
      {(lists.part ?? []).map(row => (
        <li key={row.id}>{String(row.name)}</li>
      ))}
    </ul>
  )
}

/** Reads on where the picture is made already. */
export const Counted = (): ReactElement => {
  const list = useList(Part)
  const add = (): void => {
    const before = list.rows?.length ?? 0
    window.test.addPart('bolt')
    if (list.rows?.length === before) throw new Error('nothing was added')
  }
  return (
    <button type="button" id="counted" onClick={add}>
      {list.rows?.length ?? 'none'}
    </button>
  )
}

/** As where one goes from record to record within one component. */
export const Walked = ({ id }: { readonly id: string }): ReactElement => {
  const { set, problem } = useRecord(Ticket, id)
  return (
    <div>
      <TextInput type={Ticket} id={id} path="title" aria-label="Walked" />
      <RichText type={Ticket} id={id} name="description" quill={Quill} className="walked" />
      <button type="button" onClick={() => set({ title: 3 } as never)}>
        Write wrongly
      </button>
      <output id="walked-problem">{problem?.sentence ?? `nothing of ${id}`}</output>
    </div>
  )
}

const nothing = (): void => {}

/** As a `ref` is from React 19 on: what it gives back is called when the element goes, and it is not given null. */
const listenWhile = (element: Element | null): (() => void) => {
  if (element === null) throw new Error('a ref with an end of its own was given no element')
  const listener = (): void => {}
  window.addEventListener('resize', listener)
  return () => window.removeEventListener('resize', listener)
}

export const AllHooks = ({ id }: { readonly id: string }): ReactElement => {
  const { view } = useRecord(Ticket, id)
  const title = useField(Ticket, id, 'title')
  const notes = useText(Ticket, id, 'notes')
  const { rows } = useList(Part, { orderBy: ['name', 'asc'] })
  const mine = useMine(Ticket)
  const { people } = usePresence(Ticket, id)
  const { items } = useInbox()
  const { lists } = useBelonging(Ticket, id)
  const { have } = useKeepOffline(Ticket)
  const tray = useTray()
  const digest = useDigest()
  const { sync } = useSync()
  useEvents('*', nothing)
  useRefreshOnChange('ticket', nothing)
  const read = [view?.title, title.value, notes.text, rows, mine.rows, people, items, lists, have, tray.items]
  return (
    <div>
      <p>{[...read, digest.items, sync].map(String).join()}</p>
      <TextInput type={Ticket} id={id} path="title" ref={element => listenWhile(element)} />
      <TextInput type={Ticket} id={id} path="description" ref={element => listenWhile(element)} />
    </div>
  )
}
