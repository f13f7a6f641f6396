// Brings a record, an entry or a field back to what it was: as writes of the person who asks, so that they are
// judged, kept and told like any other, and can be taken back themselves.

import * as Y from 'yjs'
import { gatingFields } from '../../shared/record/access.ts'
import { isForgotten } from '../../shared/record/beneath.ts'
import { CREATED, entryPathOf, firstSegment, RECORD_PATH } from '../../shared/record/path.ts'
import { type TextDelta, readText } from '../../shared/record/journal.ts'
import { rebaseText } from '../../shared/record/rebase-text.ts'
import type { RecordOnDoc } from '../../shared/record/record.ts'
import { isSlot, type Slot, slotAt } from '../../shared/record/slot.ts'
import { sameValue, type Value } from '../../shared/record/value.ts'
import { isMember, lastOf, resolveAt } from '../../shared/record/view.ts'
import { type Intent, isInNoEntry, isInRemovedEntry } from '../../shared/record/writer.ts'
import { unreachable } from '../../shared/unreachable.ts'
import type { RecordEvent } from './event.ts'
import { isAt } from './history.ts'

export interface Restored {
  readonly paths: readonly string[]
  /** What stays as it is now, and why. */
  readonly kept: readonly { readonly path: string; readonly why: string }[]
}

/** What a record was like at some point of its history. */
export interface Past {
  /** Of each path that changed since then, the value it had. */
  readonly values: ReadonlyMap<string, Value>
  /** And what else lay in entries that have been removed since. */
  readonly held: ReadonlyMap<string, Value>
  /** Of each text; null where the history does not go back to its beginning. */
  readonly texts: ReadonlyMap<string, TextDelta> | null
}

/** The numbers of the last events that count, for values and for texts. */
export interface Point {
  readonly values: number
  readonly texts: number
}

/** `events` are all that are kept, oldest first; the past is that after the events that the point names. */
export const pastOf = (events: readonly RecordEvent[], point: Point, isWhole: boolean): Past => {
  const values = new Map<string, Value>()
  for (const event of events.toReversed()) {
    if (event.seq <= point.values) break
    for (const { path, from } of event.changes.toReversed()) values.set(path, from)
  }
  return {
    values,
    held: heldBy(values, events, point.values),
    texts: isWhole ? textsAt(events, point.texts) : null,
  }
}

const heldBy = (
  past: ReadonlyMap<string, Value>,
  events: readonly RecordEvent[],
  seq: number,
): Map<string, Value> => {
  const held = new Map<string, Value>()
  for (const event of events) {
    if (event.seq > seq) break
    for (const { path, to, lost } of event.changes) {
      const entry = entryPathOf(path)
      if (lost !== true && entry !== path && past.get(entry) === null && !past.has(path)) held.set(path, to)
    }
  }
  return held
}

const textsAt = (events: readonly RecordEvent[], seq: number): Map<string, TextDelta> => {
  const doc = new Y.Doc()
  const fields = new Set<string>()
  for (const { texts = [], seq: at } of events) {
    for (const { field, delta } of texts) {
      fields.add(field)
      if (at <= seq) doc.getText(field).applyDelta([...delta])
    }
  }
  const texts = new Map([...fields].map(field => [field, readText(doc, field)]))
  doc.destroy()
  return texts
}

/**
 * Which come first, the fields that write rules look at (a status) or the others: what is closed now must be opened
 * before it is changed, and what was closed then must be changed before it is closed.
 */
export type RestoreOrder = 'rules first' | 'rules last'

/** Writes into the record; `root` is the path of what is to be restored, '' for all of it. */
export const restorePast = (
  record: RecordOnDoc,
  past: Past,
  now: Past,
  root: string,
  order: RestoreOrder,
): Restored => {
  const plan = new RestorePlan(record, root)
  for (const [path, value] of past.values) if (isAt(path, root)) plan.take(path, value)
  for (const [path, value] of past.held)
    if (isAt(path, root) && isForgotten(record.type, record.index, entryPathOf(path))) plan.take(path, value)
  const intents = plan.intents()
  const gating = gatingFields(record.type)
  const ruling = intents.filter(({ path }) => path === RECORD_PATH || gating.has(firstSegment(path)))
  const others = intents.filter(intent => !ruling.includes(intent))
  for (const part of order === 'rules first' ? [ruling, others] : [others, ruling])
    if (part.length > 0) record.writeIntents(part)
  const texts = restoreTexts(record, past, now, root)
  return { paths: [...intents.map(({ path }) => path), ...texts.paths], kept: [...plan.kept, ...texts.kept] }
}

class RestorePlan {
  readonly #record: RecordOnDoc
  readonly #root: string
  readonly #intents = new Map<string, Intent>()
  /** By counter: what has to be added to get back to the sum it had. */
  readonly #differences = new Map<string, number>()
  readonly #added = new Set<string>()
  readonly kept: { path: string; why: string }[] = []

  constructor(record: RecordOnDoc, root: string) {
    this.#record = record
    this.#root = root
  }

  take(path: string, value: Value): void {
    const slot = slotAt(this.#record.type, path)
    if (!isSlot(slot)) {
      this.kept.push({ path, why: slot.sentence })
      return
    }
    switch (slot.kind) {
      case 'cell':
        this.#cell(slot, path, value)
        return
      case 'position':
        if (typeof value === 'string') this.#put(path, value, lastOf(this.#live(path))?.value ?? null)
        return
      case 'element':
        this.#put(path, value === true, isMember(this.#live(path)))
        return
      case 'share':
        this.#share(path, value)
        return
      case 'log':
        this.kept.push({ path, why: 'what stands in a log stays there' })
        return
      case 'entryCreated':
        if (value === null) this.#added.add(path.slice(0, -CREATED.length - 1))
        else this.#put(path, value, this.#live(path)[0]?.value ?? null)
        return
      case 'entryRemoved':
        this.#removal(path, value)
        return
      case 'removed':
        if (value === null || this.#root === RECORD_PATH) this.#removal(path, value)
        return
      case 'created':
      case 'action':
      case 'server':
        return
      default:
        unreachable(slot.kind)
    }
  }

  intents(): Intent[] {
    for (const entry of this.#added) {
      for (const path of this.#intents.keys()) if (isAt(path, entry)) this.#intents.delete(path)
      if (this.#live(`${entry}/${CREATED}`).length > 0 && (lastOf(this.#live(entry))?.value ?? null) === null)
        this.#intents.set(entry, { path: entry, value: this.#record.removalOf(entry), shown: 'all' })
    }
    for (const entry of this.#intents.keys()) {
      if (!isForgotten(this.#record.type, this.#record.index, entry) || this.#holdsParts(entry)) continue
      this.#intents.delete(entry)
      this.kept.push({ path: entry, why: 'what it held is not kept any more' })
    }
    for (const [counter, difference] of this.#differences) {
      if (difference === 0) continue
      const path = `${counter}/${this.#record.doc.clientID}`
      const own = lastOf(this.#live(path))?.value
      this.#intents.set(path, {
        path,
        value: (typeof own === 'number' ? own : 0) + difference,
        shown: 'value',
      })
    }
    return [...this.#intents.values()].filter(
      ({ path }) => !this.#staysRemoved(path) && !this.#isNowhere(path),
    )
  }

  /** What was edited late, in an entry that was removed then and is now, is not to be seen in either. */
  #staysRemoved(path: string): boolean {
    const { type, index } = this.#record
    const entry = entryPathOf(path)
    const slot = slotAt(type, path)
    return (
      isAt(entry, this.#root) &&
      !this.#intents.has(entry) &&
      isSlot(slot) &&
      isInRemovedEntry(type, index, slot, path)
    )
  }

  /** A set or a counter of an entry that never was, as earlier versions took it, stood on no screen and stands on none. */
  #isNowhere(path: string): boolean {
    const slot = slotAt(this.#record.type, path)
    const isThere = (at: string): boolean => this.#intents.has(at) || this.#live(at).length > 0
    return isSlot(slot) && isInNoEntry(this.#record.type, slot, path, isThere)
  }

  #holdsParts(entry: string): boolean {
    return [...this.#intents.keys()].some(path => path !== entry && isAt(path, entry))
  }

  #live(path: string) {
    return this.#record.index.at(path)
  }

  #cell({ field }: Slot, path: string, value: Value): void {
    if (field === null) return
    const current = resolveAt(this.#record.index, field, path).winner?.value ?? null
    if (value === null && field.required) this.kept.push({ path, why: 'must not be empty' })
    else this.#put(path, value, current)
  }

  #share(path: string, value: Value): void {
    const counter = path.slice(0, path.lastIndexOf('/'))
    const current = lastOf(this.#live(path))?.value
    const difference = (typeof value === 'number' ? value : 0) - (typeof current === 'number' ? current : 0)
    this.#differences.set(counter, (this.#differences.get(counter) ?? 0) + difference)
  }

  #removal(path: string, value: Value): void {
    const isRemoved = (lastOf(this.#live(path))?.value ?? null) !== null
    if (value === null && isRemoved) this.#intents.set(path, { path, value: null, shown: 'all' })
    // A tombstone names what its writer saw, so one from then would not do.
    if (value !== null && !isRemoved && path !== RECORD_PATH)
      this.#intents.set(path, { path, value: this.#record.removalOf(path), shown: 'all' })
  }

  #put(path: string, value: Value, current: Value): void {
    if (!sameValue(value, current)) this.#intents.set(path, { path, value, shown: 'all' })
  }
}

const restoreTexts = (record: RecordOnDoc, past: Past, now: Past, root: string): Restored => {
  const paths: string[] = []
  const kept: { path: string; why: string }[] = []
  for (const [field, { kind }] of Object.entries(record.type.fields)) {
    if (kind !== 'text' || !isAt(field, root)) continue
    const current = readText(record.doc, field)
    const then = past.texts?.get(field)
    const told = now.texts?.get(field)
    if (past.texts === null || (told !== undefined && plain(told) !== plain(current))) {
      kept.push({ path: field, why: 'the history of this text is not kept from its beginning' })
      continue
    }
    if (then === undefined) continue
    const delta = rebaseText(current, then, current)
    if (delta.length === 0) continue
    record.text(field).applyDelta([...delta])
    paths.push(field)
  }
  return { paths, kept }
}

const plain = (delta: TextDelta): string =>
  delta.map(({ insert }) => (typeof insert === 'string' ? insert : '\uFFFC')).join('')
