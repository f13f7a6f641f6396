// The record as a rule reads it, while it is being written: a field is brought up to date when it is looked at, and
// only that one. With the whole view after each of its writes, a record of thousands of lines would be computed anew
// for each part of each line.

import type { CellSource } from './cell-index.ts'
import type { AnyView, RecordType } from './record-type.ts'
import { CREATED, RECORD_PATH, witnessedPath } from './path.ts'
import { derivedOnDemand, isTimed } from './derived.ts'
import { fieldView, metaOf, touchedPart } from './view.ts'

export class Glance {
  readonly #type: RecordType
  readonly #before: AnyView
  readonly #source: CellSource
  readonly #now: () => number
  readonly #isTimed: boolean
  /** Fields behind their registers: which of their entries were written, or null where they have none. */
  readonly #behind = new Map<string, Set<string> | null>()
  readonly #fields = new Map<string, unknown>()
  #meta: Readonly<Record<string, unknown>> | null = null
  #isMetaBehind = false
  #view: AnyView | null = null
  #viewedAt = 0

  /** `before` is the record without what was written at `dirty`. */
  constructor(
    type: RecordType,
    before: AnyView,
    source: CellSource,
    dirty: Iterable<string>,
    now: () => number,
  ) {
    this.#type = type
    this.#before = before
    this.#source = source
    this.#now = now
    this.#isTimed = isTimed(type)
    for (const path of dirty) this.touch(path)
  }

  /** The record as it now is, and after each write another object: nobody who remembers something by it is misled. */
  get view(): AnyView {
    const now = this.#now()
    if (this.#view === null || (this.#isTimed && now !== this.#viewedAt)) {
      this.#view = this.#viewAt(now)
      this.#viewedAt = now
    }
    return this.#view
  }

  touch(path: string): void {
    this.#view = null
    const touched = witnessedPath(path) ?? path
    if (touched === RECORD_PATH || touched === CREATED) this.#isMetaBehind = true
    const { name, entry } = touchedPart(touched)
    if (!Object.hasOwn(this.#type.fields, name)) return
    let entries = this.#behind.get(name)
    if (entries === undefined) {
      entries = entry === null ? null : new Set()
      this.#behind.set(name, entries)
    }
    if (entry !== null) entries?.add(entry)
  }

  #viewAt(now: number): AnyView {
    const { derive } = this.#type
    const shown = derivedOnDemand(this.#type, () => view, now)
    const read = (name: string): unknown => (Object.hasOwn(derive, name) ? shown(name) : this.#read(name))
    const view: AnyView = new Proxy({} as AnyView, new Reading(read, this.#before))
    return view
  }

  #read(name: string): unknown {
    const { fields } = this.#type
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field !== undefined) {
      const known = this.#fields.has(name) ? this.#fields.get(name) : this.#before[name]
      const behind = this.#behind.get(name)
      if (behind === undefined) return known
      const value = fieldView(this.#source, name, field, known, behind)
      this.#behind.delete(name)
      this.#fields.set(name, value)
      return value
    }
    if (this.#isMetaBehind) {
      this.#meta = metaOf(this.#source)
      this.#isMetaBehind = false
    }
    return (this.#meta !== null && Object.hasOwn(this.#meta, name) ? this.#meta : this.#before)[name]
  }
}

/**
 * What a type declares is read by its name, and a record is told by its names alone. A class, since there is a view
 * after each write: the ways of reading are made once.
 */
class Reading implements ProxyHandler<AnyView> {
  readonly #read: (name: string) => unknown
  readonly #before: AnyView

  constructor(read: (name: string) => unknown, before: AnyView) {
    this.#read = read
    this.#before = before
  }

  get(_: AnyView, name: string | symbol): unknown {
    return typeof name === 'string' ? this.#read(name) : undefined
  }

  has(_: AnyView, name: string | symbol): boolean {
    return Reflect.has(this.#before, name)
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#before)
  }

  getOwnPropertyDescriptor(_: AnyView, name: string | symbol): PropertyDescriptor | undefined {
    return typeof name === 'string' && Object.hasOwn(this.#before, name)
      ? { value: this.#read(name), enumerable: true, configurable: true, writable: false }
      : undefined
  }

  set(): boolean {
    return false
  }

  defineProperty(): boolean {
    return false
  }

  deleteProperty(): boolean {
    return false
  }
}
