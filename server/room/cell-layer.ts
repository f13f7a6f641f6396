// Cells written on top of others without touching them: the turn over the record, and an update that is still
// being judged over the turn.

import type { LiveCell } from '../../shared/record/cell.ts'
import type { CellSource } from '../../shared/record/cell-index.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { Glance } from '../../shared/record/glance.ts'
import { patchView } from '../../shared/record/view.ts'

export interface CellBase {
  readonly cells: CellSource
  readonly view: AnyView
  /** The same for who looks at a part of it, which is all that has to be worked out. */
  readonly glance: AnyView
}

export class CellLayer implements CellSource, CellBase {
  readonly #type: RecordType
  readonly #base: CellBase
  readonly #now: () => number
  #byPath: Map<string, readonly LiveCell[]> | null = null
  /** Of lists and sets; of most writes there are none. */
  #newKeys: Map<string, Set<string>> | null = null
  #dirty: Set<string> | null = null
  #view: AnyView | null = null
  #glance: Glance | null = null
  /** How many more live cells there are than in the base. */
  growth = 0

  constructor(type: RecordType, base: CellBase, now: () => number) {
    this.#type = type
    this.#base = base
    this.#now = now
  }

  get cells(): CellSource {
    return this
  }

  at(path: string): readonly LiveCell[] {
    return this.#byPath?.get(path) ?? this.#base.cells.at(path)
  }

  keys(prefix: string): Iterable<string> {
    const added = this.#newKeys?.get(prefix)
    if (added === undefined) return this.#base.cells.keys(prefix)
    // A cell is only ever deleted by one that takes its place, so no key of the base can be gone.
    return new Set([...this.#base.cells.keys(prefix), ...added])
  }

  text(field: string): string {
    return this.#base.cells.text(field)
  }

  /** The record as the writes so far leave it. */
  get view(): AnyView {
    const base = this.#view ?? this.#base.view
    if (this.#dirty === null) return base
    this.#view = patchView(this.#type, base, this, this.#dirty, this.#now())
    this.#dirty = null
    this.#glance = null
    return this.#view
  }

  get glance(): AnyView {
    if (this.#dirty === null) return this.#view ?? this.#base.glance
    this.#glance ??= new Glance(this.#type, this.#view ?? this.#base.glance, this, this.#dirty, this.#now)
    return this.#glance.view
  }

  put(cell: LiveCell, without: readonly LiveCell[]): void {
    const { path } = cell
    const before = this.at(path)
    const rest = without.length === 0 ? before : before.filter(other => !without.includes(other))
    this.#byPath ??= new Map()
    this.#byPath.set(path, rest.length === 0 ? [cell] : [...rest, cell])
    this.#dirty ??= new Set()
    this.#dirty.add(path)
    this.#glance?.touch(path)
    this.growth += 1 - (before.length - rest.length)
    const slash = path.indexOf('/')
    if (slash < 0) return
    const second = path.indexOf('/', slash + 1)
    this.#addKey(path.slice(0, slash), path.slice(slash + 1, second < 0 ? undefined : second))
    const third = second < 0 ? -1 : path.indexOf('/', second + 1)
    if (third >= 0) this.#addKey(path.slice(0, third), path.slice(third + 1))
  }

  #addKey(prefix: string, key: string): void {
    this.#newKeys ??= new Map()
    const keys = this.#newKeys.get(prefix)
    if (keys === undefined) this.#newKeys.set(prefix, new Set([key]))
    else keys.add(key)
  }
}
