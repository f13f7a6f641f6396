import { useMemo } from 'react'
import { type RowOf, Tech, Ticket } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { useNameOf, usePeopleWithRole } from '../session/directory.tsx'
import { CutShort } from '../state/cut-short.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useFieldServiceWords } from './field-service-words.ts'
import { technicianRoles } from './ticket-choices.ts'
import { countFor, useWorkload } from './use-workload.ts'

/** Of more than these, those who are at work or have done the most. */
const SHOWN_MAX = 100

/** Per technician: what is open, in work and done today, and for how long. */
export const TechniciansToday = ({ midnight }: { readonly midnight: number }) => {
  const words = useFieldServiceWords()
  const appWords = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const techs = useWholeList(Tech, { orderBy: ['name', 'asc'] }).rows
  const people = usePeopleWithRole(...technicianRoles)
  const { open, inWork } = useWorkload()
  const done = useList(Ticket, {
    where: { doneAt: { gte: midnight } },
    limit: 1,
    groups: ['claimedBy'],
  }).groups
  const worked = useWholeList(Ticket, {
    where: { updated: { gte: midnight } },
    orderBy: ['updated', 'desc'],
  })
  const { rows: touched } = worked
  const minutes = useMemo(() => minutesByWorker(touched ?? [], midnight), [touched, midnight])
  const all =
    (techs?.length ?? 0) > 0 ? (techs ?? []).flatMap(tech => tech.user ?? []) : people.map(({ id }) => id)
  const ofDone = (user: string) => countFor(done?.['claimedBy'], user)
  const users =
    all.length <= SHOWN_MAX
      ? all
      : [...all]
          .sort(
            (a, b) =>
              (inWork(b) ?? 0) - (inWork(a) ?? 0) ||
              (ofDone(b) ?? 0) - (ofDone(a) ?? 0) ||
              (open(b) ?? 0) - (open(a) ?? 0),
          )
          .slice(0, SHOWN_MAX)
  return (
    <section className="card card-body">
      <h2 className="card-title">{appWords.technicians}</h2>
      <CutShort list={worked} />
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{words.technician}</th>
            <th scope="col" className="num">
              {words.open}
            </th>
            <th scope="col" className="num">
              {words.inWork}
            </th>
            <th scope="col" className="num">
              {words.doneToday}
            </th>
            <th scope="col" className="num">
              {words.minutesToday}
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map(user => (
            <tr key={user}>
              <th scope="row">{nameOf(user)}</th>
              <Cell value={open(user)} />
              <Cell value={inWork(user)} />
              <Cell value={ofDone(user)} />
              <td className="num">{touched === undefined ? '–' : format.minutes(minutes.get(user) ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > users.length && (
        <div className="table-foot">
          {appWords.of(format.number(users.length), format.number(all.length))}
        </div>
      )}
    </section>
  )
}

const Cell = ({ value }: { readonly value: number | undefined }) => {
  const format = useFormat()
  return (
    <td className="num">
      <JustChanged of={value}>{value === undefined ? '–' : format.number(value)}</JustChanged>
    </td>
  )
}

const minutesByWorker = (rows: readonly RowOf<typeof Ticket>[], since: number): Map<string, number> => {
  const minutes = new Map<string, number>()
  for (const { work } of rows) {
    for (const { worker, start, minutes: worked } of work) {
      if (start !== null && start >= since) minutes.set(worker, (minutes.get(worker) ?? 0) + worked)
    }
  }
  return minutes
}
