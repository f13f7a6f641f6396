import { Avatars, ConflictPicker, TextInput, useDesk, useField, usePresence, useRecord } from 'corecord/react'
import { Task } from '../records.ts'

const states = ['open', 'doing', 'done'] as const

export const TaskPage = ({ id }: { readonly id: string }) => {
  const me = useDesk().me?.id
  const { state, view, error, status, set, problem } = useRecord(Task, id)
  const taken = useField(Task, id, 'takenBy')
  const here = usePresence(Task, id)

  if (state === 'loading') return <p>Loading …</p>
  if (view === undefined) return <p role="alert">{error?.sentence ?? 'There is no such task.'}</p>
  return (
    <article>
      <Avatars people={here.people} aria-label="Here now" />
      <label>
        Title
        {here.in('title').length > 0 && <em>{here.in('title').map(({ name }) => name).join(', ')}</em>}
        <TextInput type={Task} id={id} path="title" />
      </label>
      <ConflictPicker type={Task} id={id} path="title" />
      <label>
        State
        <select
          value={view.state}
          disabled={status.readOnly}
          onChange={event => set({ state: states.find(one => one === event.target.value) ?? 'open' })}
        >
          {states.map(one => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <p>
        {taken.value === null || taken.value === undefined ? (
          <button type="button" disabled={me === undefined} onClick={() => taken.set(me ?? null)}>
            Take it
          </button>
        ) : (
          <>
            Taken by <strong>{taken.value}</strong>
            {taken.tentative && ' (not confirmed yet)'}
            {taken.value === me && (
              <button type="button" onClick={() => taken.set(null)}>
                Give it back
              </button>
            )}
          </>
        )}
      </p>
      <label>
        Notes
        <TextInput type={Task} id={id} path="notes" rows={8} />
      </label>
      {problem !== null && <p role="alert">{problem.sentence}</p>}
      <footer data-save={status.save}>
        {status.pending > 0 ? 'Saving …' : status.save === 'refused' ? 'Not all of it was taken' : 'Saved'}
      </footer>
    </article>
  )
}
