import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import type { EntryFields, Field } from '../../shared/record/field.ts'
import type { RecordOnDoc } from '../../shared/record/record.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import { SHOWN_OF_EVERY_RECORD } from '../../shared/record/view.ts'
import type { Value } from '../../shared/record/value.ts'
import { INBOX } from '../../shared/types/inbox.ts'
import { isObject } from '../../shared/is-object.ts'
import { type ArrivingLine, arrivingLines } from '../http/arriving-lines.ts'
import { adminRole, importerId, type Principal } from '../access/principal.ts'
import type { Door } from '../room/peer.ts'
import type { Store } from '../store/store.ts'
import type { ImportReport } from './import-rooms.ts'
import { requestOnCreate } from '../action/request-on-create.ts'
import { type WriteOutcome, writeRecord, writeRoomUpdate } from './write-record.ts'
import { manifestName } from './backup.ts'
import { OperationFailure } from './operation-failure.ts'

/**
 * Takes in lines of JSON as `corecord export` writes them: each becomes a record, written by whoever imports, now,
 * through the guard. So lines may come from anywhere; what only the exact form keeps is who wrote what, and when.
 */
export interface LineImportParts {
  readonly door: Door
  readonly store: Pick<Store, 'readHead'>
  readonly typesByName: ReadonlyMap<string, RecordType>
  /** What lines are created with is asked for with them, and waits for the last: numbers come with later lines. */
  readonly asking: (requests: readonly string[]) => void
}

/** Many share one fsync. */
const linesAtOnce = 64
/** A free room of the largest size that comes in one message, as base64, is a fraction of it. */
const LINE_CHARS_MAX = 64 * 1024 * 1024

const importer: Principal = {
  id: importerId,
  name: 'Import',
  roles: [adminRole],
  claims: {},
  expiresAt: null,
}

export async function importLines(
  parts: LineImportParts,
  source: AsyncIterable<Uint8Array>,
  onProgress: (rooms: number) => void,
): Promise<ImportReport> {
  const { store } = parts
  const present: string[] = []
  const refused: { room: string; sentence: string }[] = []
  const noField = new Set<string>()
  const beingWritten = new Set<string>()
  let imported = 0
  async function take(line: ImportedLine): Promise<void> {
    const { room } = line
    if (parseRoomName(room)?.type === INBOX) return
    if (beingWritten.has(room)) {
      present.push(room)
      return
    }
    beingWritten.add(room)
    try {
      if ((await store.readHead(room)) !== null) {
        present.push(room)
        return
      }
      const outcome = await importLine(parts, line, noField)
      if (outcome.ok) onProgress(++imported)
      else refused.push({ room, sentence: `${outcome.code}: ${outcome.sentence}` })
    } finally {
      beingWritten.delete(room)
    }
  }

  const underWay = new Set<Promise<unknown>>()
  const failures: unknown[] = []
  try {
    for await (const line of arrivingLines(source, LINE_CHARS_MAX)) {
      if (line.number === 1 && line.text.startsWith(`${manifestName}\0`))
        throw new OperationFailure(IS_BACKUP)
      const taking = take(parseLine(line))
        .catch((error: unknown) => failures.push(error))
        .finally(() => underWay.delete(taking))
      underWay.add(taking)
      if (underWay.size >= linesAtOnce) await Promise.race(underWay)
      if (failures.length > 0) break
    }
  } finally {
    // Also before a line that cannot be read is told: what came before it was imported.
    await Promise.all(underWay)
  }
  if (failures.length > 0) throw failures[0]
  refused.sort((a, b) => (a.room < b.room ? -1 : 1))
  return { imported, present, refused, ...(noField.size === 0 ? {} : { noField: [...noField].sort() }) }
}

const IS_BACKUP =
  'This is a backup, which becomes a data folder of its own: corecord restore <file> --data <folder>. Of one that is served, corecord export makes a file to import.'

const NO_EXPORT =
  'This is nothing that corecord export wrote. A file of another system, as CSV or lines of JSON, is sent to POST /api/import/<type> of a running server.'

interface ImportedLine {
  readonly room: string
  readonly removed: boolean
  readonly record: Readonly<Record<string, unknown>> | null
  readonly update: Uint8Array | null
}

function parseLine({ text, number, problem }: ArrivingLine): ImportedLine {
  const wrong = (what: string): Error =>
    new OperationFailure(`Line ${number}: ${what}. What came before it was imported.`)
  if (problem !== null) throw wrong(problem.replace(/\.$/, ''))
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    if (number === 1) throw new OperationFailure(NO_EXPORT)
    throw wrong('this is no JSON')
  }
  if (!isObject(parsed) || typeof parsed.room !== 'string')
    throw wrong('«room» must name the record, as type:id')
  const { room, record, update, removed } = parsed
  if (isObject(record)) return { room, removed: removed === true, record, update: null }
  if (typeof update === 'string') {
    return { room, removed: false, record: null, update: Buffer.from(update, 'base64') }
  }
  throw wrong(`«${room}» has neither «record» nor «update»`)
}

async function importLine(
  { door, typesByName, asking }: LineImportParts,
  { room, record, update, removed }: ImportedLine,
  noField: Set<string>,
): Promise<WriteOutcome> {
  if (update !== null) return writeRoomUpdate(door, room, importer, update)
  const type = typesByName.get(room.slice(0, room.indexOf(':')))
  if (type === undefined || record === null) {
    return { ok: false, code: 'NO_SUCH_TYPE', sentence: 'this server has no such record type', paths: [] }
  }
  return writeLine(door, type, room, { values: record, removed, noField, asking })
}

interface WrittenLine {
  readonly values: Readonly<Record<string, unknown>>
  readonly removed: boolean
  /** Takes what the line names and the type has not. */
  readonly noField: Set<string>
  readonly asking: LineImportParts['asking']
}

async function writeLine(
  door: Door,
  type: RecordType,
  room: string,
  { values, removed, noField, asking }: WrittenLine,
): Promise<WriteOutcome> {
  for (const name of Object.keys(values))
    if (
      !Object.hasOwn(type.fields, name) &&
      !Object.hasOwn(type.derive, name) &&
      !SHOWN_OF_EVERY_RECORD.has(name)
    )
      noField.add(`${type.name}.${name}`)
  try {
    return await writeRecord(door, {
      room,
      type,
      principal: importer,
      edit(record) {
        const given = Object.entries(type.fields).filter(([name]) => values[name] != null)
        // At once, and first: a record is created with what it must have.
        const cells = given.filter(([, { kind }]) => kind === 'cell')
        if (cells.length > 0)
          record.set(Object.fromEntries(cells.map(([name]) => [name, values[name] as Value])))
        for (const [name, field] of given) writeField(record, name, field, values[name])
        if (removed) record.remove()
        else asking(requestOnCreate(record, room, () => record.newId()))
      },
    })
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return {
      ok: false,
      code: error.code,
      sentence: error.message,
      paths: error.problems.map(({ path }) => path),
    }
  }
}

/** The values are checked by the record, which throws at what its field does not allow. */
function writeField(record: RecordOnDoc, name: string, field: Field, value: unknown): void {
  switch (field.kind) {
    case 'cell':
      return
    case 'set':
      record.union(name).set(textsOf(name, value))
      return
    case 'counter':
      if (typeof value !== 'number') throw mustBe(name, 'a number')
      if (value !== 0) record.counter(name).add(value)
      return
    case 'text':
      record.text(name).insert(0, String(value))
      return
    case 'list':
      for (const entry of entriesOf(name, value)) writeEntry(record, name, field.entry, entry)
      return
    case 'log':
      for (const entry of entriesOf(name, value))
        record.log(name).add(partsOf(entry, Object.keys(field.entry)), idOf(entry))
      return
  }
}

function writeEntry(record: RecordOnDoc, name: string, fields: EntryFields, entry: Entry): void {
  const [counters, others] = [[] as string[], [] as string[]]
  for (const part of Object.keys(fields)) (fields[part]?.kind === 'counter' ? counters : others).push(part)
  const id = record.list(name).add(partsOf(entry, others), idOf(entry))
  for (const part of counters) {
    const amount = entry[part]
    if (typeof amount === 'number' && amount !== 0) record.list(name).counter(id, part).add(amount)
  }
}

type Entry = Readonly<Record<string, unknown>>

/** What an entry is shown with besides its parts (by, at, pos) is made anew. */
function partsOf(entry: Entry, parts: readonly string[]): Record<string, Value> {
  // JSON, whose values the record checks against the fields of the entry.
  return Object.fromEntries(
    parts.filter(part => entry[part] != null).map(part => [part, entry[part] as Value]),
  )
}

function idOf(entry: Entry): { id?: string } {
  return typeof entry.id === 'string' ? { id: entry.id } : {}
}

function entriesOf(name: string, value: unknown): Entry[] {
  if (Array.isArray(value) && value.every(isObject)) return value
  throw mustBe(name, 'a list of entries')
}

function textsOf(name: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value
  throw mustBe(name, 'a list of texts')
}

const mustBe = (path: string, what: string): RecordError =>
  new RecordError([{ code: 'BAD_TYPE', path, sentence: `must be ${what}` }])
