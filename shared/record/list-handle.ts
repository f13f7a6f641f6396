// Entries of a list: each an id with parts of its own, so that two people who edit one entry merge part by part.

import type { EntryFields } from './field.ts'
import { CREATED, escapeSegment, joinPath } from './path.ts'
import { POSITION_CHARS_MAX, positionsBetween } from './position.ts'
import { assertByName, RecordError } from './record-error.ts'
import { CounterHandle, type HandleHost, idOf, notA, UnionHandle } from './register-handles.ts'
import type { Value } from './value.ts'
import { entryOf, entryRemoval, type EntryView } from './view.ts'
import type { Intent } from './writer.ts'

export class ListHandle {
  readonly #record: HandleHost
  readonly #name: string
  readonly #entry: EntryFields
  readonly #manual: boolean
  readonly #own: boolean

  constructor(record: HandleHost, name: string) {
    const field = record.type.fields[name]
    if (field?.kind !== 'list') throw notA('list', record, name)
    this.#own = field.own
    this.#record = record
    this.#name = name
    this.#entry = field.entry
    this.#manual = field.order === 'manual'
  }

  get entries(): readonly EntryView[] {
    return this.#record.glance[this.#name] as readonly EntryView[]
  }

  get(id: string): EntryView | null {
    return entryOf(this.entries, id)
  }

  add(
    entry: { readonly [part: string]: unknown },
    options: { readonly id?: string; readonly at?: number } = {},
  ): string {
    const id = idOf(options.id ?? this.#record.newId(), this.#name)
    const path = joinPath(this.#name, id)
    assertByName(entry, path)
    const intents: Intent[] = [{ path: `${path}/${CREATED}`, value: true, shown: 'value' }]
    // Added again under its id, what was removed is there again, with what it held.
    if (entryRemoval(this.#record.index, path) !== null) intents.push({ path, value: null, shown: 'all' })
    if (this.#manual) intents.push(...this.#place(id, options.at ?? this.entries.length))
    intents.push(...this.#parts(path, entry))
    this.#record.writeIntents(intents)
    return id
  }

  set(id: string, entry: { readonly [part: string]: unknown }): void {
    const path = this.#existing(id)
    assertByName(entry, path)
    this.#record.writeIntents(this.#parts(path, entry))
  }

  /** Removed again, it stays removed with what has been edited since. */
  remove(id: string): void {
    const removed = joinPath(this.#name, idOf(id, this.#name))
    const path = this.#record.isEditedSinceRemoval(removed) ? removed : this.#existing(id)
    this.#record.writeIntents([{ path, value: this.#record.removalOf(path), shown: 'all' }])
  }

  /** To stand at this place among the others. */
  move(id: string, at: number): void {
    this.#existing(id)
    if (this.entries[at]?.id === id) return
    this.#record.writeIntents(this.#place(id, at))
  }

  union(id: string, part: string): UnionHandle {
    return new UnionHandle(this.#record, joinPath(this.#name, idOf(id, this.#name), part))
  }

  counter(id: string, part: string): CounterHandle {
    return new CounterHandle(this.#record, joinPath(this.#name, idOf(id, this.#name), part))
  }

  #existing(id: string): string {
    const path = joinPath(this.#name, idOf(id, this.#name))
    if (this.get(id) === null) {
      throw new RecordError([{ code: 'NO_SUCH_ENTRY', path, sentence: 'does not exist, or was removed' }])
    }
    return path
  }

  #parts(path: string, entry: { readonly [part: string]: unknown }): Intent[] {
    const intents: Intent[] = []
    for (const [part, value] of Object.entries(entry)) {
      if (value === undefined) continue
      const field = this.#entry[part]
      const partPath = `${path}/${escapeSegment(part)}`
      if (field?.kind === 'set') {
        const wanted = value as readonly string[]
        const union = new UnionHandle(this.#record, partPath)
        intents.push(...union.intents(wanted))
      } else {
        intents.push({ path: partPath, value: value as Value, shown: 'value' })
      }
    }
    return intents
  }

  /** Two devices may have given one position to two entries: to stand between those, the later one moves on. */
  #place(id: string, wanted: number): Intent[] {
    const { entries } = this
    const others = entryOf(entries, id) === null ? entries : entries.filter(entry => entry.id !== id)
    const at = Math.min(Math.max(wanted, 0), others.length)
    const left = others[at - 1]?.pos ?? ''
    let end = at
    while (!this.#own && others[end]?.pos === left) end++
    const right = others[end]?.pos ?? ''
    const positions = positionsBetween(left, right, 1 + end - at)
    if (positions !== null) return this.#placing([id, ...idsOf(others.slice(at, end))], positions)
    // Those of other people stay where they are.
    if (this.#own) return this.#placing([id], [left === '' ? right : left])
    return this.#placingWithNeighbours(id, others, at)
  }

  /** After a thousand at one spot there is no room any more: as few around it as have it move apart. */
  #placingWithNeighbours(id: string, others: readonly EntryView[], at: number): Intent[] {
    for (let reach = 1; ; reach *= 2) {
      const from = Math.max(0, at - reach)
      const to = Math.min(others.length, at + reach)
      const positions = positionsBetween(others[from - 1]?.pos ?? '', others[to]?.pos ?? '', 1 + to - from)
      if (positions?.every(({ length }) => length <= POSITION_CHARS_MAX / 2))
        return this.#placing(
          [...idsOf(others.slice(from, at)), id, ...idsOf(others.slice(at, to))],
          positions,
        )
    }
  }

  #placing(ids: readonly string[], positions: readonly string[]): Intent[] {
    return ids.map((id, i) => ({
      path: joinPath(this.#name, id, 'pos'),
      value: positions[i] ?? '',
      shown: 'value',
    }))
  }
}

const idsOf = (entries: readonly EntryView[]): string[] => entries.map(({ id }) => id)
