// What the shares of a counter were before each edit of other tabs, as this one saw the edits come in. A share is one
// number, and a doc forgets what it was: whoever puts such an edit back, before the tab that made it has noted it on
// the device, would else count once more what is saved.

import type { LiveCell } from '../../shared/record/cell.ts'
import type { CellIndex } from '../../shared/record/cell-index.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { JournalState } from '../../shared/record/journal.ts'
import { isSlot, slotAt } from '../../shared/record/slot.ts'

type Totals = readonly (readonly [clock: number, total: number])[]

/** Nobody counts so far without a word from the server; then the oldest are saved by all likelihood. */
const TOTALS_MAX = 1_000

export class SiblingShares {
  readonly #type: RecordType
  readonly #index: Pick<CellIndex, 'cells'>
  readonly #seen = new Map<string, { readonly client: number; readonly totals: Totals }>()

  constructor(type: RecordType, index: Pick<CellIndex, 'cells'>) {
    this.#type = type
    this.#index = index
  }

  /** `apply` brings an edit of another tab into the doc. */
  note(apply: () => void): void {
    const before = this.#shares()
    apply()
    for (const [path, { client, clock, value }] of this.#shares()) {
      const was = before.get(path)
      if (was?.clock === clock) continue
      const { totals } = this.#seen.get(path) ?? { totals: [[clock - 1, Number(was?.value ?? 0)] as const] }
      this.#seen.set(path, {
        client,
        totals: [...totals, [clock, Number(value)] as const].slice(-TOTALS_MAX),
      })
    }
  }

  /** What has been noted on the device, and what was seen besides. */
  joined({ entries, texts }: JournalState): JournalState {
    const byPath = new Map(entries)
    for (const [path, { client, totals }] of this.#seen) {
      const known = byPath.get(path)
      const noted = known?.client === client ? known : undefined
      const all = [...new Map([...totals, ...(noted?.totals ?? [])])].sort(([a], [b]) => a - b)
      const clock = Math.max(noted?.clock ?? 0, ...all.map(([at]) => at))
      byPath.set(path, { client, clock, replaced: noted?.replaced ?? [], totals: all })
    }
    return { entries: [...byPath], texts }
  }

  #shares(): Map<string, LiveCell> {
    const shares = new Map<string, LiveCell>()
    for (const cell of this.#index.cells()) {
      if (!cell.path.endsWith(`/${cell.client}`)) continue
      const slot = slotAt(this.#type, cell.path)
      if (isSlot(slot) && slot.kind === 'share') shares.set(cell.path, cell)
    }
    return shares
  }
}
