// Ways to write what is no single value: a log, a counter, a set.

import type * as Y from 'yjs'
import type { CellIndex } from './cell-index.ts'
import type { AnyView, RecordType } from './record-type.ts'
import { escapeSegment, joinPath } from './path.ts'
import { assertByName, type Problem, RecordError } from './record-error.ts'
import { isSlot, slotAt } from './slot.ts'
import type { Value } from './value.ts'
import { lastOf } from './view.ts'
import type { Intent } from './writer.ts'

/** What a handle needs of the record that it writes to. */
export interface HandleHost {
  readonly type: RecordType
  readonly doc: Y.Doc
  readonly index: CellIndex
  readonly glance: AnyView
  newId(): string
  write(path: string, value: Value): void
  writeIntents(intents: readonly Intent[]): void
  isEditedSinceRemoval(path: string): boolean
  removalOf(path: string): Value
}

export class LogHandle {
  readonly #record: HandleHost
  readonly #name: string

  constructor(record: HandleHost, name: string) {
    if (record.type.fields[name]?.kind !== 'log') throw notA('log', record, name)
    this.#record = record
    this.#name = name
  }

  /** An id of the caller's own (of a scan, say) makes the entry count once, however often it is added. */
  add(entry: { readonly [part: string]: Value | undefined }, options: { readonly id?: string } = {}): string {
    const id = idOf(options.id ?? this.#record.newId(), this.#name)
    const path = joinPath(this.#name, id)
    assertByName(entry, path)
    const value = Object.fromEntries(Object.entries(entry).filter(([, part]) => part !== undefined)) as {
      [part: string]: Value
    }
    this.#record.writeIntents([{ path, value, shown: 'value' }])
    return id
  }
}

export class CounterHandle {
  readonly #record: HandleHost
  readonly #path: string

  constructor(record: HandleHost, path: string) {
    this.#record = record
    this.#path = path
    const slot = slotAt(record.type, `${path}/0`)
    if (!isSlot(slot) || slot.kind !== 'share') throw notA('counter', record, path)
  }

  add(amount: number): void {
    if (typeof amount !== 'number')
      throw new RecordError([{ code: 'BAD_TYPE', path: this.#path, sentence: 'is added to by a number' }])
    const path = `${this.#path}/${this.#record.doc.clientID}`
    const own = lastOf(this.#record.index.at(path))?.value
    this.#record.write(path, (typeof own === 'number' ? own : 0) + amount)
  }
}

export class UnionHandle {
  readonly #record: HandleHost
  readonly #path: string

  constructor(record: HandleHost, path: string) {
    this.#record = record
    this.#path = path
    const slot = slotAt(record.type, `${path}/x`)
    if (!isSlot(slot) || slot.kind !== 'element') throw notA('set', record, path)
  }

  add(...elements: readonly string[]): void {
    this.#write(elements, true)
  }

  remove(...elements: readonly string[]): void {
    this.#write(elements, false)
  }

  /** Adds what is missing and removes what is too many, element by element. */
  set(elements: readonly string[]): void {
    this.#record.writeIntents(this.intents(elements))
  }

  intents(wanted: readonly string[]): Intent[] {
    // Typed code cannot get here with anything else; what came as JSON can.
    if (!Array.isArray(wanted)) {
      throw new RecordError([{ code: 'BAD_VALUE', path: this.#path, sentence: 'must be a list of texts' }])
    }
    const intents: Intent[] = wanted.map(element => this.#intent(element, true))
    const keep = new Set((wanted as readonly string[]).map(escapeSegment))
    for (const key of this.#record.index.keys(this.#path)) {
      if (!keep.has(key)) intents.push({ path: `${this.#path}/${key}`, value: false, shown: 'value' })
    }
    return intents
  }

  #write(elements: readonly string[], isIn: boolean): void {
    this.#record.writeIntents(elements.map(element => this.#intent(element, isIn)))
  }

  #intent(element: string, isIn: boolean): Intent {
    if (typeof element !== 'string') {
      throw new RecordError([{ code: 'BAD_VALUE', path: this.#path, sentence: 'must be texts' }])
    }
    return { path: `${this.#path}/${escapeSegment(element)}`, value: isIn, shown: 'value' }
  }
}

/** Of an entry that is not there, `entries[0]?.id` is undefined. */
export const idOf = (id: unknown, path: string): string => {
  if (typeof id === 'string') return id
  throw new RecordError([
    { code: 'NO_SUCH_ENTRY', path, sentence: `the id of an entry is a text, and not ${typeof id}` },
  ])
}

export const notA = (kind: string, record: HandleHost, path: string): RecordError => {
  const problem: Problem = { code: 'BAD_PATH', path, sentence: `is no ${kind} of ${record.type.name}` }
  return new RecordError([problem])
}
