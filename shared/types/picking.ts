// How far a trebovanje is. Nothing of this is stored: it is computed, by this file alone and on both sides, from
// what people did. So two tablets that scanned one item off line both count, one scan sent twice counts once,
// and nobody can forget to set a status.

import { sumBy } from './amount.ts'

export interface PickingFacts {
  readonly items: readonly {
    readonly id: string
    readonly sku: string
    readonly name: string | null
    readonly unit: string | null
    readonly required: number | null
  }[]
  readonly scans: readonly {
    readonly item: string
    readonly code: string | null
    readonly quantity: number | null
    readonly by: string
    readonly at: number
  }[]
  readonly manual: readonly { readonly item: string | null }[]
  readonly shortages: readonly { readonly item: string | null; readonly quantity: number | null }[]
  readonly zaduznice: readonly {
    readonly id: string
    readonly worker: string | null
    /** Ids of items; none stands for all of them. */
    readonly items: readonly string[]
    readonly day: string | null
    readonly cancelled: boolean
  }[]
  readonly cancelled: boolean
  readonly closedAt: number | null
}

export interface PickedItem {
  readonly id: string
  readonly sku: string
  readonly name: string
  readonly unit: string
  readonly required: number
  readonly picked: number
  readonly short: number
  readonly state: 'open' | 'started' | 'short' | 'complete'
  /** What of it needs no more work, 0 to 1: picked, completed by hand, or not there to be picked. */
  readonly settled: number
}

export interface Task {
  readonly id: string
  readonly worker: string | null
  readonly day: string | null
  readonly items: readonly string[]
  readonly completedItems: number
  readonly totalItems: number
  readonly progress: number
  readonly state: 'assigned' | 'in_progress' | 'done' | 'cancelled'
}

export type TrebovanjeStatus = 'new' | 'assigned' | 'in_progress' | 'done' | 'cancelled'

export interface Picking {
  readonly items: readonly PickedItem[]
  readonly tasks: readonly Task[]
  readonly status: TrebovanjeStatus
  readonly progress: number
  readonly completedItems: number
  readonly totalItems: number
  readonly itemsWithShortages: number
}

export const pickingOf = (t: PickingFacts): Picking => {
  const known = pickingByView.get(t)
  if (known !== undefined) return known
  const items = pickedItems(t)
  const tasks = t.zaduznice.map(zaduznica => taskOf(zaduznica, items, t))
  const picking: Picking = {
    items,
    tasks,
    status: statusOf(t, tasks, items),
    progress: progressOf(items),
    completedItems: completed(items),
    totalItems: items.length,
    itemsWithShortages: items.filter(item => item.short > 0).length,
  }
  pickingByView.set(t, picking)
  return picking
}

/** One view is asked for by several derived fields and the row; views do not change. */
const pickingByView = new WeakMap<PickingFacts, Picking>()

const pickedItems = (t: PickingFacts): PickedItem[] => {
  const pickedById = sumBy(
    t.scans,
    scan => scan.item,
    scan => scan.quantity ?? 1,
  )
  const shortById = sumBy(
    t.shortages,
    shortage => shortage.item ?? '',
    shortage => shortage.quantity ?? 0,
  )
  const byHand = new Set(t.manual.map(completion => completion.item))
  return t.items.map(({ id, sku, name, unit, required }) => {
    const wanted = required ?? 0
    const picked = pickedById.get(id) ?? 0
    const short = shortById.get(id) ?? 0
    const isComplete = byHand.has(id) || picked >= wanted
    return {
      id,
      sku,
      name: name ?? sku,
      unit: unit ?? '',
      required: wanted,
      picked,
      short,
      state: isComplete ? 'complete' : short > 0 ? 'short' : picked > 0 ? 'started' : 'open',
      settled: isComplete ? 1 : Math.min(1, Math.max(0, picked + short) / wanted),
    }
  })
}

const taskOf = (
  zaduznica: PickingFacts['zaduznice'][number],
  items: readonly PickedItem[],
  t: PickingFacts,
): Task => {
  const own = zaduznica.items.length === 0 ? items : items.filter(item => zaduznica.items.includes(item.id))
  const progress = progressOf(own)
  return {
    id: zaduznica.id,
    worker: zaduznica.worker,
    day: zaduznica.day,
    items: own.map(item => item.id),
    completedItems: completed(own),
    totalItems: own.length,
    progress,
    state:
      zaduznica.cancelled || t.cancelled
        ? 'cancelled'
        : t.closedAt !== null || (progress === 100 && own.length > 0)
          ? 'done'
          : own.some(isWorkedOn)
            ? 'in_progress'
            : 'assigned',
  }
}

/** Scans of a task that was taken away stay, but what nobody has is new again. */
const statusOf = (
  t: PickingFacts,
  tasks: readonly Task[],
  items: readonly PickedItem[],
): TrebovanjeStatus => {
  if (t.cancelled) return 'cancelled'
  if (t.closedAt !== null) return 'done'
  if (!tasks.some(task => task.state !== 'cancelled' && task.worker !== null)) return 'new'
  return items.some(isWorkedOn) ? 'in_progress' : 'assigned'
}

const isWorkedOn = (item: PickedItem): boolean => item.state !== 'open'

const completed = (items: readonly PickedItem[]): number =>
  items.filter(item => item.state === 'complete').length

/** Whole percent; 100 only when nothing is left to do, whatever the binary fractions of the parts. */
const progressOf = (items: readonly PickedItem[]): number => {
  if (items.length === 0) return 0
  const settled = items.reduce((sum, item) => sum + item.settled, 0)
  return Math.floor((100 * settled) / items.length + 1e-9)
}

/** What somebody picked of an item that the list no longer has: it lies on a cart, and is to go back. */
export interface OffList {
  readonly item: string
  readonly code: string
  readonly by: string
  readonly quantity: number
}

export const offListOf = ({ items, scans }: Pick<PickingFacts, 'items' | 'scans'>): OffList[] => {
  const listed = new Set(items.map(({ id }) => id))
  const off = scans.filter(({ item }) => !listed.has(item))
  const keyOf = ({ item, by }: { readonly item: string; readonly by: string }): string => `${item} ${by}`
  const quantities = sumBy(off, keyOf, scan => scan.quantity ?? 1)
  const all = sumBy(
    off,
    ({ item }) => item,
    scan => scan.quantity ?? 1,
  )
  return [...new Map(off.map(scan => [keyOf(scan), scan]))].flatMap(([key, { item, code, by }]) => {
    // Somebody else may have put it back.
    const quantity = Math.min(quantities.get(key) ?? 0, all.get(item) ?? 0)
    return quantity > 0 ? [{ item, code: code ?? '', by, quantity }] : []
  })
}

export interface HourOfWork {
  /** The beginning of the half hour, in ms: clocks of some places are half an hour off. */
  readonly hour: number
  readonly worker: string
  readonly scans: number
  readonly quantity: number
}

/** By hour and not by day, since the day a wall shows is the day of the place where it hangs. */
export const hoursOfWork = (scans: PickingFacts['scans']): HourOfWork[] => {
  const keyOf = (scan: PickingFacts['scans'][number]): string => `${hourOf(scan.at)} ${scan.by}`
  const quantities = sumBy(scans, keyOf, scan => scan.quantity ?? 1)
  const counts = sumBy(scans, keyOf, () => 1)
  return [...quantities].map(([key, quantity]) => {
    const space = key.indexOf(' ')
    return {
      hour: Number(key.slice(0, space)),
      worker: key.slice(space + 1),
      scans: counts.get(key) ?? 0,
      quantity,
    }
  })
}

const hourOf = (ms: number): number => ms - (ms % 1_800_000)
