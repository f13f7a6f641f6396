// Who is told what: never whoever did it, only who may read the record, each notice once a person.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { FilterSubject, Row } from '../../shared/record/filter.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { isAnonymousId } from '../access/principal.ts'
import { mayRead } from '../room/room-access.ts'
import type { People } from './people.ts'
import type { AuthoredNotice, TurnNotices } from './turn-notices.ts'

export interface RecipientsParts {
  readonly types: ReadonlyMap<string, RecordType>
  readonly people: Pick<People, 'get' | 'present'>
  /** The row of a record as it is now; null: there is none any more. */
  readonly rowOf: (room: string) => Promise<Row | null>
}

/** Whether a record is there, and this person may read it, as both are now. */
export const mayReadNow = async (
  { types, people, rowOf }: RecipientsParts,
  user: string,
  room: string,
): Promise<boolean> => {
  const type = types.get(parseRoomName(room)?.type ?? '')
  const row = type === undefined ? null : await rowOf(room)
  return type !== undefined && row !== null && mayReadRow(type, row, people.get(user) ?? unknown(user))
}

/** User ids, notice by notice. */
export const recipientsOf = async (
  { types, people, rowOf }: RecipientsParts,
  { room, type: typeName, notices }: TurnNotices,
): Promise<readonly ReadonlySet<string>[]> => {
  const type = types.get(typeName)
  if (type === undefined) return notices.map(() => new Set())
  const row = await rowOf(room)
  // Purged meanwhile: nothing of it is told any more.
  if (row === null) return notices.map(() => new Set())
  const told: ReadonlySet<string>[] = []
  // What is tried out in a sandbox is news to those who are in it, and to nobody else.
  const sandboxOf = (id: string): unknown => people.get(id)?.claims['sandbox']
  for (const notice of notices) {
    const sandbox = sandboxOf(notice.by)
    const named = [...(notice.to ?? []).filter(isText), ...(await namedBy(notice, rowOf))]
    const isForNamed = notice.to !== undefined || notice.toNamedBy !== undefined
    const ids = new Set<string>()
    const add = (person: FilterSubject): void => {
      if (person.id === notice.by || notice.except?.includes(person.id) || !isReachable(person.id)) return
      if (notice.by !== '' && person.claims['sandbox'] !== sandbox) return
      if (mayReadRow(type, row, person)) ids.add(person.id)
    }
    for (const id of named) add(people.get(id) ?? unknown(id))
    if (!isForNamed || notice.roles !== undefined) {
      const roles = notice.roles
      for (const person of people.present())
        if (roles === undefined || roles.some(role => person.roles.includes(role))) add(person)
    }
    told.push(ids)
  }
  return told
}

const mayReadRow = (type: RecordType, row: Row, me: FilterSubject): boolean =>
  mayRead(type, row.id, () => row, { me })

const unknown = (id: string): FilterSubject => ({ id, roles: [], claims: {} })

const namedBy = async (
  { toNamedBy }: AuthoredNotice,
  rowOf: RecipientsParts['rowOf'],
): Promise<readonly string[]> => {
  if (toNamedBy === undefined) return []
  const row = await rowOf(toNamedBy.room)
  return toNamedBy.fields.flatMap(field => {
    const value = row?.[field]
    return typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter(isText) : []
  })
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** Everybody without a token shares an id, and some ids make no room name. */
const isReachable = (id: string): boolean =>
  id !== '' && !id.startsWith('$') && !isAnonymousId(id) && parseRoomName(`inbox:${id}`) !== null
