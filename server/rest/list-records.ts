import type { Row } from '../../shared/record/filter.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Principal } from '../access/principal.ts'
import { HttpProblem } from '../http/problem.ts'
import {
  ASK_PARAMETERS,
  flagInAddress,
  LIST_LIMIT_DEFAULT,
  parseListAsk,
  plainQuery,
} from '../list/list-ask.ts'
import { ListProblem } from '../list/list-problem.ts'
import type { LiveLists } from '../list/live-lists.ts'
import { postedFieldsOf } from '../list/posted-fields.ts'

/**
 * `?where={"status":"open"}&orderBy=due&limit=50&cursor=…&count=true&groups=status&sums=minutes&q=words`; any other
 * name is a row field that has to be equal. A page names the place in the order where it ends, so that what is
 * edited meanwhile moves no row from a page to come into one that has been, unless it moves in the order itself.
 */
export interface ListQueryParts {
  readonly lists: LiveLists
  readonly rowsMax: number
}

/** What a list is asked by; every other name is a field. */
export const LIST_PARAMETERS: ReadonlySet<string> = new Set([...ASK_PARAMETERS, 'q'])

/** Some three milliseconds' work. */
const ROWS_AT_ONCE = 500

/** JSON: {type, rows, cursor, total?, groups?, sums?}; beside what is held, as a link tells it (list-handler.ts). */
export async function listRecords(
  { lists, rowsMax }: ListQueryParts,
  type: RecordType,
  principal: Principal,
  query: URLSearchParams,
  held?: readonly number[],
): Promise<string> {
  try {
    const ask = parseListAsk({ type: type.name, ...asked(type, query) }, rowsMax)
    const table = lists.table(type.name)
    if (table instanceof Promise) await table
    // Thousands of rows are found and written out piece by piece, and everybody else comes in between.
    const watched = await lists.turns.done(principal.id, () =>
      lists.watch(plainQuery(type, ask, principal), { delta() {} }),
    )
    try {
      const written = new Map<Row, string>()
      const { unwritten } = watched.whole(held)
      for (let at = 0; at + ROWS_AT_ONCE < unwritten.length; at += ROWS_AT_ONCE)
        await lists.turns.done(principal.id, () => {
          for (const row of unwritten.slice(at, at + ROWS_AT_ONCE)) written.set(row, JSON.stringify(row))
        })
      // As the list stands by now: a row that has gone out of their sight meanwhile is not among them.
      return await lists.turns.done(principal.id, () =>
        watched.whole(held).json(`"type":${JSON.stringify(type.name)}`, written),
      )
    } finally {
      watched.close()
    }
  } catch (error) {
    if (error instanceof ListProblem) throw new HttpProblem(error.code, error.message, error.paths)
    throw error
  }
}

function asked(type: RecordType, query: URLSearchParams): Record<string, unknown> {
  const where = whereOf(query.get('where'))
  for (const [name, value] of query) {
    if (LIST_PARAMETERS.has(name)) continue
    const fields = postedFieldsOf(type)
    if (!fields.includes(name))
      throw bad(
        `A ${type.name} list is narrowed by ${[...fields, 'where'].join(', ')}; not by «${name}».`,
        name,
      )
    where[name] = scalarOf(value)
  }
  const words = query.get('q')
  if (words !== null) where['$text'] = words
  const [field = '', direction = 'asc'] = (query.get('orderBy') ?? '').split(':')
  return {
    where,
    ...(field === '' ? {} : { orderBy: [field, direction] }),
    limit: numberOf(query.get('limit')),
    cursor: query.get('cursor') || null,
    count: flagInAddress(query.get('count')),
    groups: namesOf(query.get('groups')),
    sums: namesOf(query.get('sums')),
  }
}

export function whereOf(text: string | null): Record<string, unknown> {
  if (text === null) return {}
  try {
    const where: unknown = JSON.parse(text)
    if (typeof where === 'object' && where !== null && !Array.isArray(where)) return { ...where }
  } catch {
    // The same as what is JSON and no object.
  }
  throw bad('where must be a filter as a JSON object.', 'where')
}

/** What a text in an address means: `open` is a text, `7`, `true` and `null` are not, and `"7"` is one again. */
function scalarOf(text: string): unknown {
  if (!/^(?:-?\d+(?:\.\d+)?|true|false|null|".*")$/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function numberOf(text: string | null): number {
  if (text === null) return LIST_LIMIT_DEFAULT
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}

function namesOf(text: string | null): string[] {
  return (text ?? '').split(',').filter(name => name !== '')
}

function bad(sentence: string, path: string): HttpProblem {
  return new HttpProblem('BAD_QUERY', sentence, [path])
}
