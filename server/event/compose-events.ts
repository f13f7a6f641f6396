import { describeChange } from '../../shared/record/change.ts'
import type { AnyView, RecordType, Signal } from '../../shared/record/record-type.ts'
import { type FunctionFailed, messagesOf, signalsOf } from '../../shared/record/said-of-change.ts'
import type { Lost } from '../../shared/record/settle-turn.ts'
import { sameValue } from '../../shared/record/value.ts'
import type { AuthorTurn, FieldChange, Turn } from '../room/turn.ts'
import type { EventBody, EventChange, LostValue } from './event.ts'
import { defaultMessages } from './words.ts'

/** What is told of a turn: one event a person. Texts are told when their writer pauses, not here. */
export const composeEvents = (turn: Turn, failed: FunctionFailed): EventBody[] => {
  const losses = lossesByAuthor(turn)
  return turn.authors.flatMap(author => {
    const lost = losses.get(author.by) ?? []
    return author.changes.length + lost.length === 0 ? [] : [composeEvent(turn, author, lost, failed)]
  })
}

const composeEvent = (
  turn: Turn,
  author: AuthorTurn,
  lost: readonly LostValue[],
  failed: FunctionFailed,
): EventBody => {
  const { room, type, at, commit } = turn
  const { by, name, before, after } = author
  const paths = [...author.paths].filter(path => type.fields[path]?.kind !== 'text')
  const system = systemAction(paths)
  const signals =
    system === null ? signalsOf(type, describeChange(type, before, after, paths, by, at), failed) : []
  return {
    record: room,
    type: type.name,
    action: system ?? signals[0]?.action ?? 'update',
    signals,
    ...ownMessages(type, signals, after, failed),
    by,
    name,
    at,
    commit,
    changes: author.changes.map(changeOf),
    ...(lost.length === 0 ? {} : { lost }),
  }
}

/** Requests for actions and their answers change nothing that has a name in the record's own system. */
const systemAction = (paths: readonly string[]): 'request' | 'result' | null => {
  if (paths.length === 0) return null
  if (paths.every(path => path.startsWith('$actions/'))) return 'request'
  return paths.every(path => path.startsWith('$results/')) ? 'result' : null
}

/** Left out where they are what every type's are. */
export const ownMessages = (
  type: RecordType,
  signals: readonly Signal[],
  after: AnyView,
  failed: FunctionFailed,
): Pick<EventBody, 'messages'> => {
  const usual = signals.map(signal => defaultMessages(type.name, after.id, signal))
  const messages = signals.map((signal, i) => messagesOf(type, signal, after, failed) ?? usual[i] ?? [])
  return messages.every((one, i) => sameValue(one, usual[i])) ? {} : { messages }
}

const changeOf = ({ path, from, to, lost, concurrentWith }: FieldChange): EventChange => ({
  path,
  from,
  to,
  ...(lost ? { lost } : {}),
  ...(concurrentWith.length === 0 ? {} : { concurrentWith }),
})

/** Under whose event a lost value is told: its writer's, else that of who made it lose. */
const lossesByAuthor = ({ authors, lost }: Turn): Map<string, LostValue[]> => {
  const losses = new Map<string, LostValue[]>()
  const isHere = (by: string): boolean => authors.some(author => author.by === by)
  for (const loss of lost) {
    const { cell, winner } = loss
    const teller = isHere(cell.author)
      ? cell.author
      : winner !== null && isHere(winner.author)
        ? winner.author
        : authors.at(-1)?.by
    if (teller === undefined) continue
    const known = losses.get(teller)
    if (known === undefined) losses.set(teller, [lostValue(loss)])
    else known.push(lostValue(loss))
  }
  return losses
}

const lostValue = ({ path, cell, winner, why }: Lost): LostValue => ({
  path,
  by: cell.author,
  value: cell.value,
  to: winner === null ? null : { by: winner.author, value: winner.value },
  why,
})
