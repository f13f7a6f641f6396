import type { LiveCell } from '../../shared/record/cell.ts'
import { entryCells } from '../../shared/record/beneath.ts'
import type {
  EntryFields,
  Field,
  ListField,
  LogField,
  LogFields,
  TextField,
} from '../../shared/record/field.ts'
import { escapeSegment, joinPath } from '../../shared/record/path.ts'
import { rebaseText } from '../../shared/record/rebase-text.ts'
import type { RecordOnDoc } from '../../shared/record/record.ts'
import { type Problem, RecordError, throwIfAny } from '../../shared/record/record-error.ts'
import { isSlot, slotAt } from '../../shared/record/slot.ts'
import { type Value, valueProblem } from '../../shared/record/value.ts'
import { entryRemovalOf, type Intent } from '../../shared/record/writer.ts'
import { isObject } from '../../shared/is-object.ts'
import { unreachable } from '../../shared/unreachable.ts'

/**
 * A patch, field by field, as writes of whoever sends it:
 *
 *     a field                    a value; null clears it
 *     a set                      ["a", "b"], all that is in it, or {"add": [], "remove": []}
 *     a counter                  {"add": 3}
 *     a text                     {"from": "as it was shown", "to": "as it shall be"}, or "…" where what stands there
 *                                was shown (If-Match, basis), or nothing does
 *     a list                     {"<id>": {a part: a value}, "<id of a new one>": {…}, "<id>": null removes}, or
 *                                [{…}, {…}] which adds
 *     a log                      {"<id>": {…}} or [{…}]: adds
 *     a path, "items/7f3/sku"    a value
 */
export type Patch = Readonly<Record<string, unknown>>

/** What whoever patches was shown. */
export interface Shown {
  /** Nothing has changed since. */
  readonly isCurrent: boolean
  wasShown(cell: LiveCell): boolean
}

export interface PatchOptions {
  readonly shown: Shown
  /** What whoever patches wrote here before, which they know of. */
  readonly isOwn?: (cell: LiveCell) => boolean
  /** Entries that come without an id get one that is the same when the patch is sent again. */
  readonly newId: () => string
}

/** Each is looked at, written and shown; an import of more comes in several patches. */
const PARTS_MAX = 10_000

/** Writes all of it, or throws a RecordError that names everything that is wrong with it. */
export function applyPatch(record: RecordOnDoc, patch: Patch, options: PatchOptions): void {
  if (partsIn(patch) > PARTS_MAX)
    throw problemAt('TOO_MANY', '', `takes at most ${PARTS_MAX} values in one patch: send several`)
  const steps = new Patching(record, options)
  for (const [key, value] of Object.entries(patch)) steps.take(key, value)
  steps.run()
}

class Patching {
  readonly #record: RecordOnDoc
  readonly #shown: Shown
  readonly #wasShown: (cell: LiveCell) => boolean
  readonly #newId: () => string
  readonly #problems: Problem[] = []
  readonly #intents: Intent[] = []
  /** What stands on the record's own fields: on a new record they come first. */
  readonly #later: (() => void)[] = []
  /** Entries that it begins, and what it names by a path. */
  readonly #begun = new Set<string>()
  readonly #paths: string[] = []

  constructor(record: RecordOnDoc, { shown, isOwn = () => false, newId }: PatchOptions) {
    this.#record = record
    this.#shown = shown
    this.#wasShown = cell => shown.wasShown(cell) || isOwn(cell)
    this.#newId = newId
  }

  take(key: string, value: unknown): void {
    const { fields } = this.#record.type
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (field === undefined) this.#takePath(key, value)
    else this.#takeField(key, field, value)
  }

  run(): void {
    for (const path of this.#paths)
      if (this.#begun.has(path.split('/', 2).join('/')))
        this.#wrong(path, 'is of an entry that this patch begins: put it into the entry')
    throwIfAny(this.#problems)
    if (this.#intents.length > 0 || this.#record.view.created === null)
      this.#attempt(() => this.#record.writeIntents(this.#intents))
    // A record that could not be created has no entries either.
    if (this.#problems.length === 0) for (const step of this.#later) this.#attempt(step)
    throwIfAny(this.#problems)
  }

  #takeField(name: string, field: Field, value: unknown): void {
    switch (field.kind) {
      case 'cell':
        this.#write(name, value)
        return
      case 'set':
        this.#takeSet(name, value)
        return
      case 'counter':
        this.#takeCounter(name, value)
        return
      case 'text':
        this.#later.push(() => this.#writeText(name, field, value))
        return
      case 'list':
        this.#takeList(name, field, value)
        return
      case 'log':
        this.#takeLog(name, field, value)
        return
      default:
        unreachable(field)
    }
  }

  /** A register by its path: a field of an entry, an element of a set. */
  #takePath(path: string, value: unknown): void {
    this.#paths.push(path)
    const slot = slotAt(this.#record.type, path)
    if (!isSlot(slot)) this.#problems.push(slot)
    else if (slot.kind !== 'cell' && slot.kind !== 'element' && slot.kind !== 'position')
      this.#wrong(path, 'is nothing that a patch can set')
    else this.#write(path, value)
  }

  #write(path: string, value: unknown): void {
    const problem = valueProblem(value)
    if (problem !== null) this.#wrong(path, problem)
    // `valueProblem` found none.
    else this.#intents.push({ path, value: value as Value, shown: this.#wasShown })
  }

  #takeSet(path: string, value: unknown): void {
    if (isTexts(value)) {
      const wanted = new Set(value.map(escapeSegment))
      for (const key of wanted) this.#element(path, key, true, this.#wasShown)
      for (const key of this.#record.index.keys(path))
        if (!wanted.has(key)) this.#element(path, key, false, this.#wasShown)
    } else if (isObject(value) && Object.keys(value).every(key => key === 'add' || key === 'remove')) {
      const { add = [], remove = [] } = value
      if (!isTexts(add) || !isTexts(remove)) this.#wrong(path, 'takes lists of texts')
      else {
        // Who names an element knows of it.
        for (const element of add) this.#element(path, escapeSegment(element), true, 'all')
        for (const element of remove) this.#element(path, escapeSegment(element), false, 'all')
      }
    } else this.#wrong(path, 'takes a list of texts, or {"add": […], "remove": […]}')
  }

  #element(path: string, key: string, isIn: boolean, shown: Intent['shown']): void {
    this.#intents.push({ path: `${path}/${key}`, value: isIn, shown })
  }

  #takeCounter(path: string, value: unknown): void {
    const amount = isObject(value) && Object.keys(value).length === 1 ? value['add'] : undefined
    if (typeof amount !== 'number' || !Number.isSafeInteger(amount))
      this.#wrong(path, 'takes {"add": a whole number}')
    else if (amount !== 0) this.#later.push(() => this.#record.counter(path).add(amount))
  }

  #takeList(name: string, field: ListField<EntryFields>, value: unknown): void {
    if (Array.isArray(value)) {
      for (const entry of value) this.#addEntry(name, field, null, entry)
    } else if (isObject(value)) {
      for (const [id, entry] of Object.entries(value)) this.#takeEntry(name, field, id, entry)
    } else this.#wrong(name, 'takes entries by their id, or a list of new ones')
  }

  #takeEntry(name: string, field: ListField<EntryFields>, id: string, entry: unknown): void {
    const path = joinPath(name, id)
    const isThere = this.#record.view.created !== null && this.#record.list(name).get(id) !== null
    if (entry === null) {
      if (isThere || this.#record.isEditedSinceRemoval(path)) this.#removeEntry(path)
      else if (this.#record.index.at(path).length === 0)
        this.#problems.push({ code: 'NO_SUCH_ENTRY', path, sentence: 'does not exist' })
    } else if (!isThere) this.#addEntry(name, field, id, entry)
    else if (!isObject(entry)) this.#wrong(path, 'takes the parts of the entry, or null')
    else this.#setEntry(name, field, id, path, entry)
  }

  #setEntry(name: string, field: ListField<EntryFields>, id: string, path: string, entry: Patch): void {
    for (const [part, value] of Object.entries(entry)) {
      const inner = Object.hasOwn(field.entry, part) ? field.entry[part] : undefined
      const partPath = `${path}/${escapeSegment(part)}`
      if (part === '$at') this.#move(name, id, value)
      else if (inner?.kind === 'set') this.#takeSet(partPath, value)
      else if (inner?.kind === 'counter') this.#takeCounter(partPath, value)
      else this.#takePath(partPath, value)
    }
  }

  #move(name: string, id: string, at: unknown): void {
    if (typeof at !== 'number' || !Number.isInteger(at) || at < 0)
      this.#wrong(joinPath(name, id), 'takes a whole number from 0 up in «$at»')
    else this.#later.push(() => this.#record.list(name).move(id, at))
  }

  #removeEntry(path: string): void {
    const { type, index } = this.#record
    // Who says nothing of what was shown removes what is there.
    const seen = [...entryCells(type, index, path)].filter(
      cell => this.#shown === NOTHING_SHOWN || this.#wasShown(cell),
    )
    this.#intents.push({ path, value: entryRemovalOf(seen), shown: 'all' })
  }

  #addEntry(name: string, field: ListField<EntryFields>, id: string | null, given: unknown): void {
    const path = id === null ? name : joinPath(name, id)
    if (!isObject(given)) {
      this.#wrong(path, 'takes an object with the parts of the entry')
      return
    }
    const { $at: at, ...entry } = id === null ? withoutMeta(given) : given
    const ownId = id ?? (typeof given['id'] === 'string' ? given['id'] : this.#newId())
    const [sets, counters] = [[] as [string, unknown][], [] as [string, unknown][]]
    const parts: Record<string, Value> = {}
    const entryPath = joinPath(name, ownId)
    this.#begun.add(entryPath)
    for (const [part, value] of Object.entries(entry)) {
      const inner = Object.hasOwn(field.entry, part) ? field.entry[part] : undefined
      const problem = valueProblem(value)
      if (inner === undefined) this.#unknown(`${entryPath}/${escapeSegment(part)}`)
      else if (problem !== null) this.#wrong(`${entryPath}/${escapeSegment(part)}`, problem)
      else if (inner.kind === 'set') sets.push([part, value])
      else if (inner.kind === 'counter') counters.push([part, value])
      else if (value !== null) parts[part] = value as Value
    }
    for (const [part, value] of sets)
      if (!isTexts(value)) this.#wrong(`${entryPath}/${part}`, 'takes a list of texts')
    for (const [part, value] of counters)
      if (value !== null && !Number.isSafeInteger(value))
        this.#wrong(`${entryPath}/${part}`, 'takes a whole number')
    if (at !== undefined && (typeof at !== 'number' || !Number.isInteger(at) || at < 0))
      this.#wrong(entryPath, 'takes a whole number from 0 up in «$at»')
    this.#later.push(() => {
      const list = this.#record.list(name)
      list.add(parts, { id: ownId, ...(typeof at === 'number' ? { at } : {}) })
      for (const [part, value] of sets) if (isTexts(value)) list.union(ownId, part).set(value)
      for (const [part, value] of counters)
        if (typeof value === 'number' && value !== 0) list.counter(ownId, part).add(value)
    })
  }

  #takeLog(name: string, field: LogField<LogFields>, value: unknown): void {
    const entries: [string | null, unknown][] = Array.isArray(value)
      ? value.map(entry => [null, entry])
      : isObject(value)
        ? Object.entries(value)
        : []
    if (!Array.isArray(value) && !isObject(value)) this.#wrong(name, 'takes new entries, by id or as a list')
    for (const [id, given] of entries) {
      if (!isObject(given)) {
        this.#wrong(id === null ? name : joinPath(name, id), 'takes an object with the parts of the entry')
        continue
      }
      const ownId = id ?? (typeof given['id'] === 'string' ? given['id'] : this.#newId())
      const entry = id === null ? withoutMeta(given) : given
      const parts = Object.fromEntries(
        Object.entries(entry).filter(([part, each]) => each !== null || !Object.hasOwn(field.entry, part)),
      )
      this.#intents.push({ path: joinPath(name, ownId), value: parts as Value, shown: 'value' })
    }
  }

  #writeText(name: string, field: TextField, value: unknown): void {
    const text = this.#record.text(name)
    const charsMax = field.charsMax
    const tooLong = (one: string): boolean => one.length > charsMax
    if (isObject(value) && typeof value['from'] === 'string' && typeof value['to'] === 'string') {
      const { from, to } = value
      if (tooLong(from) || tooLong(to)) throw tooLarge(name, charsMax)
      const delta = rebaseText(asDelta(from), asDelta(to), text.toDelta())
      if (delta.length > 0) text.applyDelta(delta)
      return
    }
    const wanted = value ?? ''
    if (typeof wanted !== 'string') {
      throw problemAt('BAD_VALUE', name, 'takes a text, or {"from": "…", "to": "…"}')
    }
    if (tooLong(wanted)) throw tooLarge(name, charsMax)
    const present = text.toString()
    if (present === wanted) return
    if (text.length > 0 && !this.#shown.isCurrent) {
      throw problemAt(
        'IF_MATCH_FAILED',
        name,
        'may have changed since you read it: send {"from": "as you read it", "to": "as it shall be"}, or If-Match',
      )
    }
    const delta = rebaseText(asDelta(present), asDelta(wanted), text.toDelta())
    if (delta.length > 0) text.applyDelta(delta)
  }

  #attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      this.#problems.push(...error.problems)
    }
  }

  #wrong(path: string, sentence: string): void {
    this.#problems.push({ code: 'BAD_VALUE', path, sentence })
  }

  #unknown(path: string): void {
    this.#problems.push({ code: 'BAD_PATH', path, sentence: `is no field of ${this.#record.type.name}` })
  }
}

/** For who does not say what they were shown: nobody else's value gives way. */
export const NOTHING_SHOWN: Shown = { isCurrent: false, wasShown: () => false }
export const ALL_SHOWN: Shown = { isCurrent: true, wasShown: () => true }

const partsIn = (patch: Patch): number =>
  Object.values(patch).reduce<number>((sum, value) => {
    if (typeof value !== 'object' || value === null) return sum + 1
    return sum + 1 + Object.keys(value).length
  }, 0)

const asDelta = (text: string): { insert: string }[] => (text === '' ? [] : [{ insert: text }])

/** What an entry is shown with besides its parts is made anew. */
const withoutMeta = (entry: Patch): Patch => {
  const { id: _id, by: _by, at: _at, pos: _pos, ...parts } = entry
  return parts
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(each => typeof each === 'string')

const problemAt = (code: Problem['code'], path: string, sentence: string): RecordError =>
  new RecordError([{ code, path, sentence }])

const tooLarge = (path: string, charsMax: number): RecordError =>
  problemAt('TOO_LARGE', path, `must be at most ${charsMax} characters`)
