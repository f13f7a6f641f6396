import { Avatars, useDesk, useKeepOffline, useList } from 'corecord/react'
import { type FormEvent, useState } from 'react'
import { Task } from '../records.ts'

export const TaskList = () => {
  const desk = useDesk()
  const [state, setState] = useState<'open' | 'doing' | 'done' | null>(null)
  const where = state === null ? {} : { where: { state } }
  // Live: what others do stands here without the records being opened.
  const { rows, people, error, groups } = useList(Task, { ...where, groups: ['state'], presence: true })
  // And with all that is in them on this device, for when there is no network.
  const kept = useKeepOffline(Task)

  const add = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const title = new FormData(event.currentTarget).get('title')
    if (typeof title !== 'string' || title.trim() === '') return
    desk.create(Task, { title: title.trim() }).close()
    event.currentTarget.reset()
  }

  return (
    <>
      <form onSubmit={add}>
        <input name="title" aria-label="New task" placeholder="What is to be done?" maxLength={200} />
        <button type="submit">Add</button>
      </form>
      <nav aria-label="State">
        {([null, 'open', 'doing', 'done'] as const).map(one => (
          <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
            {one ?? 'all'}
            {one !== null && groups !== undefined && ` ${groups['state']?.[one] ?? 0}`}
          </button>
        ))}
      </nav>
      {error !== null && <p role="alert">{error.sentence}</p>}
      {rows === undefined && error === null && <p>Loading …</p>}
      {rows?.length === 0 && <p>Nothing here.</p>}
      <ul>
        {rows?.map(row => (
          <li key={row.id} data-state={row.state}>
            <a href={`#/${encodeURIComponent(row.id)}`}>{row.title}</a>
            <small>{row.takenBy}</small>
            <Avatars people={people(row.id)} />
          </li>
        ))}
      </ul>
      <footer>
        {kept.have} of {kept.of ?? '…'} on this device
      </footer>
    </>
  )
}
