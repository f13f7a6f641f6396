import type { RecordType } from '../../shared/record/define-record.ts'
import type { Field } from '../../shared/record/field.ts'
import { sameValue } from '../../shared/record/value.ts'
import { SHOWN_OF_EVERY_RECORD } from '../../shared/record/view.ts'
import type { Principal } from '../access/principal.ts'
import { type HttpProblem, problemOfError } from '../http/problem.ts'
import { ArrivingText, NOT_UTF8 } from '../http/utf8.ts'
import type { Patch } from './apply-patch.ts'
import { readCsv } from './csv.ts'
import { recordId } from './request-parts.ts'
import type { ShownRecord } from './shown-record.ts'
import { type ActParts, actOnCreate } from './act-on-create.ts'
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

export type ImportParts = WriteParts & ActParts

export interface ImportAsk {
  readonly type: RecordType
  readonly principal: Principal
  readonly format: 'jsonl' | 'csv'
  readonly source: AsyncIterable<Uint8Array>
}

/** Many share one fsync. */
const AT_ONCE = 32
const LINE_CHARS_MAX = 4 * 1024 * 1024

export async function* importRecords(parts: ImportParts, ask: ImportAsk): AsyncGenerator<ImportLine> {
  const { type, principal, source, format } = ask
  const given = format === 'csv' ? csvRecords(type, source) : jsonRecords(source)
  const underWay: Promise<ImportLine>[] = []
  for await (const one of given) {
    underWay.push(take(parts, type, principal, one))
    if (underWay.length < AT_ONCE) continue
    const first = await underWay.shift()
    if (first !== undefined) yield first
  }
  for (const one of underWay) yield await one
}

interface Given {
  readonly line: number
  readonly values: Patch | { readonly problem: string }
}

async function take(
  parts: ImportParts,
  type: RecordType,
  principal: Principal,
  { line, values }: Given,
): Promise<ImportLine> {
  if ('problem' in values && typeof values['problem'] === 'string')
    return { line, id: null, status: 'refused', code: 'BAD_REQUEST', sentence: values['problem'] }
  const { id: given, ...fields } = importable(type, values)
  let id: string | null = null
  try {
    // One that is no text would get an id of its own at each import, and be there twice after the second.
    const named = given === '' ? null : recordId(given)
    id = named ?? newRecordId(null, principal.id)
    const room = `${type.name}:${id}`
    const ask: WriteAsk = { principal, room, ifMatch: null, basis: null, idempotencyKey: null, writing() {} }
    const known = named === null ? null : await present(parts, principal, room)
    if (known === null) {
      await createRecord(parts, ask, newValues(type, fields))
      await actOnCreate(parts, principal, room)
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
  const { record, room } = values
  const isExported = isObject(record) && typeof room === 'string'
  const fields = isExported ? record : values
  const own: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (SHOWN_OF_EVERY_RECORD.has(key) || Object.hasOwn(type.derive, key)) continue
    own[key] = value
  }
  const id = isExported ? room.slice(room.indexOf(':') + 1) : values['id']
  return { ...own, ...(id === undefined ? {} : { id }) }
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
  const arriving = new ArrivingText()
  let waiting = ''
  let line = 0
  const parse = (text: string): Given[] => {
    line++
    if (text.trim() === '') return []
    if (arriving.isDamaged(text)) return [{ line, values: { problem: NOT_UTF8 } }]
    try {
      const values: unknown = JSON.parse(text)
      if (isObject(values)) return [{ line, values }]
    } catch {
      // The same as what is JSON and no object.
    }
    return [{ line, values: { problem: 'A line is a JSON object.' } }]
  }
  for await (const chunk of source) {
    const lines = (waiting + arriving.take(chunk)).split('\n')
    waiting = lines.pop() ?? ''
    for (const text of lines) yield* parse(text)
    if (waiting.length <= LINE_CHARS_MAX) continue
    yield { line: line + 1, values: { problem: 'A line is too long.' } }
    return
  }
  yield* parse(waiting + arriving.take())
}

async function* csvRecords(type: RecordType, source: AsyncIterable<Uint8Array>): AsyncGenerator<Given> {
  let columns: readonly string[] | null = null
  for await (const { line, values, isDamaged } of readCsv(source)) {
    if (isDamaged) {
      yield { line, values: { problem: NOT_UTF8 } }
      // Nothing can be read under columns that nobody can name.
      if (columns === null) return
    } else if (columns === null) columns = values.map(name => name.trim())
    else yield { line, values: csvValues(type, columns, values) }
  }
}

function csvValues(
  type: RecordType,
  columns: readonly string[],
  values: readonly string[],
): Patch | { readonly problem: string } {
  const record: Record<string, unknown> = {}
  for (const [i, column] of columns.entries()) {
    const text = withoutMark(values[i] ?? '')
    const field = Object.hasOwn(type.fields, column) ? type.fields[column] : undefined
    if (column === 'id') record['id'] = text === '' ? undefined : text
    else if (field !== undefined) record[column] = fieldValue(field, text)
    else if (!SHOWN_OF_EVERY_RECORD.has(column))
      return { problem: `«${column}» is no field of a ${type.name}.` }
  }
  return record
}

/** The mark that keeps a spreadsheet from taking a text for a formula. */
const withoutMark = (text: string): string => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text)

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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
