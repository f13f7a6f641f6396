import type { RecordType } from '../../shared/record/record-type.ts'
import type { Field } from '../../shared/record/field.ts'
import { sameValue } from '../../shared/record/value.ts'
import { SHOWN_OF_EVERY_RECORD } from '../../shared/record/view.ts'
import { isObject } from '../../shared/is-object.ts'
import type { Principal } from '../access/principal.ts'
import { type Actions, ANSWER_WAIT_MS } from '../action/actions.ts'
import { type HttpProblem, problemOfError } from '../http/problem.ts'
import { arrivingLines } from '../http/arriving-lines.ts'
import type { Patch } from './apply-patch.ts'
import { EntryIds } from './entry-ids.ts'
import { readCsv, withoutMarks } from './csv.ts'
import { recordId } from './request-parts.ts'
import type { ShownRecord } from './shown-record.ts'
import { createRecord, newRecordId, patchRecord, type WriteAsk, type WriteParts } from './write-records.ts'
import { readRecord } from './read-record.ts'

/**
 * Lines of JSON or CSV become records, or change those that are there, each by whoever imports, through the guard. A
 * line stands or falls by itself, and what came of it is said as it goes.
 */
export interface ImportLine {
  readonly line: number
  readonly id: string | null
  readonly status: 'created' | 'changed' | 'unchanged' | 'refused'
  readonly code?: string
  readonly sentence?: string
  readonly paths?: readonly string[]
}

export interface ImportParts extends WriteParts {
  readonly actions: () => Pick<Actions, 'answered' | 'runner'>
}

export interface ImportAsk {
  readonly type: RecordType
  readonly principal: Principal
  readonly format: 'jsonl' | 'csv'
  readonly source: AsyncIterable<Uint8Array>
  /** Given: no further line is taken. */
  readonly signal: AbortSignal
}

/** Many share one fsync. */
const AT_ONCE = 32
const LINE_CHARS_MAX = 4 * 1024 * 1024

export async function* importRecords(parts: ImportParts, ask: ImportAsk): AsyncGenerator<ImportLine> {
  const { type, principal, source, format, signal } = ask
  const given = format === 'csv' ? csvRecords(type, source) : jsonRecords(source)
  const { runner, answered } = parts.actions()
  const requests: string[] = []
  /** Numbers that come with later lines are given to none before. */
  const asking = (keys: readonly string[]): void => {
    runner.keepBack(keys)
    requests.push(...keys)
  }
  const entryIds = new EntryIds()
  const underWay: Promise<ImportLine>[] = []
  /** Lines of one record come one after the other, so that the later one finds what the earlier one made. */
  const lastOf = new Map<string, Promise<unknown>>()
  const taken = async (one: Given): Promise<ImportLine> => {
    const id = 'values' in one ? idOf(one.values) : undefined
    const take = (): Promise<ImportLine> => takeLine(parts, { type, principal, asking, entryIds }, one)
    if (typeof id !== 'string') return take()
    const mine = (lastOf.get(id) ?? Promise.resolve()).then(take)
    const after = mine.catch(() => {})
    lastOf.set(id, after)
    try {
      return await mine
    } finally {
      if (lastOf.get(id) === after) lastOf.delete(id)
    }
  }
  try {
    for await (const one of given) {
      signal.throwIfAborted()
      const taking = taken(one)
      // It is waited for in its turn, and may fail before.
      taking.catch(() => {})
      underWay.push(taking)
      if (underWay.length < AT_ONCE) continue
      const first = await underWay.shift()
      if (first !== undefined) yield first
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<ImportLine>)
  } finally {
    await Promise.allSettled(underWay)
    runner.release(requests)
  }
  await answered(requests, AbortSignal.timeout(ANSWER_WAIT_MS))
}

type Given =
  | { readonly line: number; readonly values: Patch }
  | { readonly line: number; readonly problem: string }

interface Taking {
  readonly type: RecordType
  readonly principal: Principal
  readonly asking: (requests: readonly string[]) => void
  readonly entryIds: EntryIds
}

async function takeLine(
  parts: ImportParts,
  { type, principal, asking, entryIds }: Taking,
  given: Given,
): Promise<ImportLine> {
  const { line } = given
  if ('problem' in given)
    return { line, id: null, status: 'refused', code: 'BAD_REQUEST', sentence: given.problem }
  const { id: written, ...values } = importable(type, given.values)
  let id: string | null = null
  try {
    // One that is no text would get an id of its own at each import, and be there twice after the second.
    const named = written === '' ? null : recordId(written)
    id = named ?? newRecordId(null, principal.id)
    const fields = named === null ? values : entryIds.given(type, named, values)
    const room = `${type.name}:${id}`
    const ask: WriteAsk = { principal, room, ifMatch: null, basis: null, idempotencyKey: null, writing() {} }
    const known = named === null ? null : await present(parts, principal, room)
    if (known === null) {
      await createRecord(parts, ask, newValues(type, fields), { asking })
      return { line, id, status: 'created' }
    }
    // The line was made from the record as it was shown, or is to stand over it.
    const shown = { epoch: known.epoch, commit: known.commit }
    const { isChanged } = await patchRecord(parts, { ...ask, basis: shown }, changesOf(type, known, fields))
    return { line, id, status: isChanged ? 'changed' : 'unchanged' }
  } catch (error) {
    const problem = problemOfError(error)
    if (problem === null) throw error
    return { line, id, status: 'refused', ...told(problem) }
  }
}

const told = ({ code, message, paths }: HttpProblem): Pick<ImportLine, 'code' | 'sentence' | 'paths'> => ({
  code,
  sentence: message,
  paths,
})

async function present(parts: ImportParts, principal: Principal, room: string): Promise<ShownRecord | null> {
  try {
    return await readRecord(parts, principal, room)
  } catch (error) {
    if (problemOfError(error)?.code === 'NO_SUCH_RECORD') return null
    throw error
  }
}

/** A line as the export writes it, or the bare fields. What only the server says is left out. */
function importable(type: RecordType, values: Patch): Patch {
  const { record } = values
  const fields = isExported(values) && isObject(record) ? record : values
  const own: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (SHOWN_OF_EVERY_RECORD.has(key) || Object.hasOwn(type.derive, key)) continue
    own[key] = value
  }
  const id = idOf(values)
  return { ...own, ...(id === undefined ? {} : { id }) }
}

const isExported = ({ record, room }: Patch): boolean => isObject(record) && typeof room === 'string'

function idOf(values: Patch): unknown {
  const { room, id } = values
  return isExported(values) && typeof room === 'string' ? room.slice(room.indexOf(':') + 1) : id
}

/** As a new record is written: what is empty is left out, and a counter begins by what is added. */
function newValues(type: RecordType, values: Patch): Patch {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, type.fields[name]?.kind === 'counter' ? { add: value } : value]),
  )
}

/** What differs from what is there. Lists keep entries that the line does not name; nothing is counted twice. */
function changesOf(type: RecordType, known: ShownRecord, values: Patch): Patch {
  const changes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const field = type.fields[name]
    const present = known.record[name]
    if (sameValue(value, present)) continue
    if (field === undefined) changes[name] = value
    else if (field.kind === 'counter') {
      const difference = Number(value ?? 0) - Number(present)
      if (difference !== 0) changes[name] = { add: difference }
    } else if (field.kind === 'list' || field.kind === 'log')
      changes[name] = entriesById(value, present, field.kind === 'log')
    else if (field.kind === 'text') changes[name] = { from: present, to: value ?? '' }
    else changes[name] = value
  }
  return changes
}

/** By id, so that an entry which is there is changed where it differs, and not added again. */
function entriesById(entries: unknown, present: unknown, isLog: boolean): unknown {
  if (!Array.isArray(entries) || !entries.every(isEntry)) return entries
  const known = new Map(
    (Array.isArray(present) ? present : []).filter(isEntry).map(entry => [entry.id, entry]),
  )
  const changed = new Map<string, Patch>()
  for (const { id, by: _by, at: _at, pos: _pos, ...parts } of entries) {
    const there = known.get(id)
    const different = Object.entries(parts).filter(
      ([part, value]) => !sameValue(value, there?.[part] ?? null),
    )
    if (there === undefined || different.length > 0)
      changed.set(id, there === undefined || isLog ? parts : Object.fromEntries(different))
  }
  return Object.fromEntries(changed)
}

function isEntry(entry: unknown): entry is { readonly id: string; readonly [part: string]: unknown } {
  return isObject(entry) && typeof entry['id'] === 'string'
}

async function* jsonRecords(source: AsyncIterable<Uint8Array>): AsyncGenerator<Given> {
  for await (const { number: line, text, problem } of arrivingLines(source, LINE_CHARS_MAX))
    yield problem === null ? jsonLine(line, text) : { line, problem }
}

function jsonLine(line: number, text: string): Given {
  try {
    const values: unknown = JSON.parse(text)
    if (isObject(values)) return { line, values }
  } catch {
    // The same as what is JSON and no object.
  }
  return { line, problem: 'A line is a JSON object.' }
}

async function* csvRecords(type: RecordType, source: AsyncIterable<Uint8Array>): AsyncGenerator<Given> {
  let columns: Columns | null = null
  for await (const { line, values, problem } of readCsv(source)) {
    if (problem !== null) {
      yield { line, problem }
      // Nothing can be read under columns that nobody can name.
      if (columns === null) return
    } else if (columns === null) columns = columnsRead(type, values)
    else {
      const wrong = columns.problem ?? tooMany(columns, values) ?? notInCents(type, columns, values)
      yield wrong === null ? { line, values: csvValues(type, columns, values) } : { line, problem: wrong }
    }
  }
}

interface Columns {
  readonly names: readonly string[]
  readonly problem: string | null
}

function columnsRead(type: RecordType, values: readonly string[]): Columns {
  const names = values.map(name => name.trim())
  return { names, problem: columnsProblem(type, names) }
}

function columnsProblem(type: RecordType, names: readonly string[]): string | null {
  const [parting] = /[;\t]/.exec(names.length === 1 ? (names[0] ?? '') : '') ?? []
  if (parting !== undefined)
    return `Columns are parted by commas, and here by ${parting === ';' ? 'semicolons' : 'tabs'}.`
  for (const [i, name] of names.entries()) {
    if (name !== 'id' && !Object.hasOwn(type.fields, name) && !SHOWN_OF_EVERY_RECORD.has(name))
      return `«${name}» is no field of a ${type.name}.`
    if (names.indexOf(name) !== i) return `«${name}» heads two columns.`
  }
  return null
}

function tooMany({ names }: Columns, values: readonly string[]): string | null {
  if (values.slice(names.length).every(value => value === '')) return null
  return `${values.length} values stand under ${names.length} columns. Put what holds a comma in quotes.`
}

/** Of `40.00` the number is 40, which would be forty cents. */
function notInCents(type: RecordType, { names }: Columns, values: readonly string[]): string | null {
  for (const [i, name] of names.entries()) {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
    const text = values[i] ?? ''
    if (field?.kind === 'cell' && field.spec.type === 'money' && /^[+-]?[\d.,]*[.,]\d*$/.test(text))
      return `«${text}» under ${name} is no number of cents: 40.00 is written as 4000.`
  }
  return null
}

function csvValues(type: RecordType, { names }: Columns, values: readonly string[]): Patch {
  const record: Record<string, unknown> = {}
  for (const [i, name] of names.entries()) {
    const text = withoutMarks(values[i] ?? '')
    const field = type.fields[name]
    if (name === 'id') record['id'] = text === '' ? undefined : text
    else if (field !== undefined && Object.hasOwn(type.fields, name)) record[name] = fieldValue(field, text)
  }
  return record
}

/** What cannot be read as the field wants it is left to the field to refuse. */
function fieldValue(field: Field, text: string): unknown {
  if (field.kind === 'text') return text
  if (text === '') return field.kind === 'cell' ? null : field.kind === 'counter' ? 0 : []
  if (field.kind === 'cell') {
    const { type } = field.spec.json
    return field.spec.type === 'bool' || type === 'number' || type === 'integer' || type !== 'string'
      ? parsed(text)
      : text
  }
  const value = parsed(text)
  return field.kind === 'set' && typeof value !== 'object' ? text.split(';').map(part => part.trim()) : value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
