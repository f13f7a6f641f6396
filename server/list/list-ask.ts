// What somebody asks of a list, parsed, and turned into what it comes to for this person.

import { createMe } from '../../shared/record/access.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { fieldsInFilter, type Filter, filterProblem, foldText } from '../../shared/record/filter.ts'
import { rowNamesProblem } from '../../shared/record/row-names.ts'
import { DEFAULT_ORDER, type Direction, ordersOf } from '../../shared/record/row-order.ts'
import { isAdmin, type Principal } from '../access/principal.ts'
import { readCursor } from './list-cursor.ts'
import { ListProblem } from './list-problem.ts'
import type { PlainQuery } from './live-query.ts'
import { ALL, both, type PlainFilter, plainFilter } from './plain-filter.ts'

export interface ListAsk {
  readonly type: string
  readonly where: Filter
  readonly field: string
  readonly direction: Direction
  readonly limit: number
  readonly cursor: string | null
  readonly count: boolean
  readonly groups: readonly string[]
  readonly sums: readonly string[]
  readonly presence: boolean
  readonly said: boolean
}

export const LIST_LIMIT_DEFAULT = 100

/** In an address, whatever answers there; `token` says who asks. */
export const ASK_PARAMETERS = [
  'where',
  'orderBy',
  'limit',
  'cursor',
  'count',
  'groups',
  'sums',
  'token',
] as const

const FIGURES_MAX = 16

export const parseListAsk = (query: Readonly<Record<string, unknown>>, rowsMax: number): ListAsk => {
  const {
    type,
    where = {},
    orderBy,
    limit = LIST_LIMIT_DEFAULT,
    cursor = null,
    count,
    groups,
    sums,
    presence,
    said,
  } = query
  if (typeof type !== 'string') throw bad('Name the record type in «type».')
  const problem = filterProblem(where)
  if (problem !== null) throw bad(`where: ${problem}`)
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0 || limit > rowsMax)
    throw bad(
      `limit must be a whole number from 0 to ${rowsMax}: narrow the filter, or go on with the cursor over REST.`,
      'limit',
    )
  if (cursor !== null && typeof cursor !== 'string')
    throw new ListProblem('BAD_CURSOR', 'A cursor is a text.')
  const [field, direction] = parseOrder(orderBy)
  return {
    type,
    // `filterProblem` found none.
    where: where as Filter,
    field,
    direction,
    limit,
    cursor,
    count: isFlag('count', count),
    groups: parseFields('groups', groups),
    sums: parseFields('sums', sums),
    presence: isFlag('presence', presence),
    said: isFlag('said', said),
  }
}

const isFlag = (name: string, value: unknown): boolean => {
  if (value !== undefined && value !== null && typeof value !== 'boolean')
    throw bad(`${name} is true or false.`, name)
  return value === true
}

/** As it stands in an address; what is none is told as such where the list is asked for. */
export const flagInAddress = (text: unknown): unknown => {
  if (text === '' || text === '1' || text === 'true') return true
  return text === '0' || text === 'false' ? false : text
}

const parseOrder = (orderBy: unknown): readonly [string, Direction] => {
  if (orderBy === undefined || orderBy === null) return DEFAULT_ORDER
  const [field, direction = 'asc']: unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy]
  if (typeof field !== 'string' || (direction !== 'asc' && direction !== 'desc'))
    throw bad('orderBy must be [field, "asc" or "desc"]; in an address field:asc or field:desc.')
  return [field, direction]
}

const parseFields = (name: string, fields: unknown): readonly string[] => {
  if (fields === undefined || fields === null) return []
  const isFields =
    Array.isArray(fields) && fields.length <= FIGURES_MAX && fields.every(each => typeof each === 'string')
  if (!isFields) throw bad(`${name} must be up to ${FIGURES_MAX} fields of the row.`)
  return [...new Set(fields as string[])]
}

const bad = (sentence: string, ...paths: readonly string[]): ListProblem =>
  new ListProblem('BAD_QUERY', sentence, ...paths)

/** What of the type this person may read. */
export const readableBy = (type: RecordType, principal: Principal): PlainFilter =>
  isAdmin(principal) ? ALL : plainFilter(type.access.read ?? {}, createMe(principal), foldText)

/** `beside`: types of which lists are asked for in one, each of what its rows have. */
export const plainQuery = (
  type: RecordType,
  ask: ListAsk,
  principal: Principal,
  beside: readonly RecordType[] = [],
): PlainQuery => {
  const { field, direction, limit, cursor, count, groups, sums, presence, said } = ask
  if (!ordersOf(type).includes(field))
    throw bad(
      `A ${type.name} list can be ordered by ${ordersOf(type).join(', ')}; not by «${field}».`,
      'orderBy',
    )
  const asked = { where: fieldsInFilter(ask.where), groups, sums }
  for (const [part, names] of Object.entries(asked)) {
    const isBeside = (name: string): boolean => beside.some(other => rowNamesProblem(other, [name]) === null)
    const problem = rowNamesProblem(
      type,
      names.filter(name => !isBeside(name)),
    )
    if (problem !== null) throw bad(`${part}: ${problem}`, part)
  }
  const after = cursor === null ? null : readCursor(field, direction, cursor)
  if (cursor !== null && after === null)
    throw new ListProblem('BAD_CURSOR', 'The cursor is not one of this order: begin again without it.')
  const filter = both([readableBy(type, principal), plainFilter(ask.where, createMe(principal), foldText)])
  return { type: type.name, filter, field, direction, limit, after, count, groups, sums, presence, said }
}

export type ListAskSource = Readonly<Record<string, unknown>>

/** One list; or those of a record and of all that belongs to it, where the query says `belong`. */
export const listPieces = (
  types: ReadonlyMap<string, RecordType>,
  query: ListAskSource,
  rowsMax: number,
  principal: Principal,
): readonly PlainQuery[] => {
  const { belong } = query
  if (belong === undefined) {
    const ask = parseListAsk(query, rowsMax)
    const type = types.get(ask.type)
    if (type === undefined) throw new ListProblem('NO_SUCH_TYPE', `There is no record type «${ask.type}».`)
    return [plainQuery(type, ask, principal)]
  }
  if (typeof belong !== 'string') throw bad('belong must name a record, as «project:1».')
  const parts = belongingParts(types, belong)
  const all = parts.map(({ type }) => type)
  return parts.map(({ type, where }) => {
    const ask = parseListAsk({ limit: rowsMax, ...query, type: type.name, where, cursor: null }, rowsMax)
    return plainQuery(type, ask, principal, all)
  })
}

interface BelongingPart {
  readonly type: RecordType
  readonly where: Filter
}

/** The record itself, and whatever refers to it by its `belongsTo`. */
const belongingParts = (types: ReadonlyMap<string, RecordType>, room: string): readonly BelongingPart[] => {
  const name = parseRoomName(room)
  const own = types.get(name?.type ?? '')
  if (name === null || own === undefined)
    throw new ListProblem('NO_SUCH_TYPE', `There is no record type for «${room}».`)
  const parts: BelongingPart[] = [{ type: own, where: { id: name.id } }]
  for (const type of types.values()) {
    const field = type.belongsTo === null ? undefined : type.fields[type.belongsTo]
    if (type.belongsTo !== null && field?.kind === 'cell' && field.spec.refType === own.name)
      parts.push({ type, where: { [type.belongsTo]: room } })
  }
  return parts
}
