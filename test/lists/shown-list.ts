import type { Row } from '../../shared/record/filter.ts'
import type { CompareRows } from '../../shared/record/row-order.ts'
import { heapOf, orderSum } from '../../shared/wire/held-rows.ts'
import type { LinkClient } from '../wire/link-client.ts'

interface Told {
  readonly t: string
  readonly id: number
  readonly type?: string
  readonly version: number
  readonly behind?: number
  readonly heaps?: number
  readonly others?: readonly number[]
  readonly sum?: number
  readonly rows?: readonly Row[]
  readonly leave?: readonly string[]
  readonly change?: readonly Row[]
  readonly enter?: readonly { row: Row; at: number }[]
  readonly cursor?: string | null
  readonly total?: number
  readonly groups?: object
  readonly sums?: object
  readonly groupSums?: object
  readonly rebuilding?: boolean
  readonly people?: { readonly [id: string]: readonly { id: string; field: string | null }[] }
}

/** What a client makes of what it is told. Asserts that nothing is missing. */
export class ShownList {
  rows: Row[] = []
  /** By which what is sent is put in between what is held. */
  order: CompareRows | undefined
  version = -1
  cursor: string | null = null
  figures: Record<string, unknown> = {}
  people: Record<string, readonly { id: string; field: string | null }[]> = {}
  deltas = 0
  wholes = 0
  /** How many rows came, other than in deltas. */
  rowsTold = 0
  isRebuilding = false
  refusal: { code: string; sentence: string } | null = null

  constructor(client: LinkClient | null, id: number, type?: string) {
    if (client === null) return
    const before = client.onControl
    client.onControl = message => {
      before(message)
      // Its own server's messages, of the shapes it is here to check.
      const told = message.t === 'other' ? (message.body as unknown as Told) : null
      if (told !== null && told.id === id && told.type === type) this.take(told)
    }
  }

  get isAnswered(): boolean {
    return this.version >= 0 || this.refusal !== null
  }

  get ids(): string[] {
    return this.rows.map(row => row.id)
  }

  take(told: Told): void {
    if (told.t === 'unsubbed') {
      this.refusal = told as unknown as { code: string; sentence: string }
      return
    }
    if (told.t === 'rows') {
      const { behind, heaps, others = [], sum, rows = [] } = told
      if (behind !== undefined && behind !== this.version)
        throw new Error(`what follows version ${behind} came after ${this.version}`)
      if (behind === undefined && heaps === undefined) this.wholes++
      this.rowsTold += rows.length
      this.isRebuilding = false
      const isHeld = (row: Row): boolean => heaps !== undefined && !others.includes(heapOf(row, heaps))
      const held = behind === undefined ? this.rows.filter(isHeld) : this.rows
      this.rows = [...held, ...rows]
      if (heaps !== undefined) this.rows.sort(this.order)
      if (heaps !== undefined && orderSum(this.rows) !== sum) throw new Error('it is not the whole list')
      if (new Set(this.ids).size < this.rows.length) throw new Error('a row stands there twice')
      this.people = { ...told.people }
    } else if (told.t === 'delta') {
      this.deltas++
      if (told.version !== this.version + 1) throw new Error(`version ${told.version} after ${this.version}`)
      for (const id of told.leave ?? []) {
        const at = this.ids.indexOf(id)
        if (at < 0) throw new Error(`${id} leaves and was not there`)
        this.rows.splice(at, 1)
      }
      for (const row of told.change ?? []) {
        const at = this.ids.indexOf(row.id)
        if (at < 0) throw new Error(`${row.id} changes and is not there`)
        this.rows[at] = row
      }
      for (const { row, at } of told.enter ?? []) {
        if (at > this.rows.length || this.ids.includes(row.id)) throw new Error(`${row.id} cannot enter`)
        this.rows.splice(at, 0, row)
      }
      Object.assign(this.people, told.people)
    } else return
    this.version = told.version
    if (told.rebuilding !== undefined) this.isRebuilding = told.rebuilding
    if (told.cursor !== undefined) this.cursor = told.cursor
    for (const figure of ['total', 'groups', 'sums', 'groupSums'] as const)
      if (told[figure] !== undefined) this.figures[figure] = told[figure]
  }
}
