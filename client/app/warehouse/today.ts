// What the wall shows of the day: put together from the rows, with nothing asked of the server besides them.

import { localId, type RowOf, sumQuantities, type Trebovanje } from '../../../shared/index.ts'
import { isHeld } from './held-tasks.ts'

type Row = RowOf<typeof Trebovanje>

export interface WorkerToday {
  readonly id: string
  readonly completedItems: number
  readonly totalItems: number
  readonly progress: number
  /** Pieces picked since midnight. */
  readonly pieces: number
  readonly numbers: readonly string[]
  readonly lastScanAt: number | null
}

export interface Today {
  readonly workers: readonly WorkerToday[]
  readonly done: number
  readonly open: number
  readonly late: number
  readonly pieces: number
  readonly withShortages: number
  readonly perHour: readonly { readonly hour: number; readonly pieces: number }[]
  readonly lastDone: readonly {
    readonly id: string
    readonly number: string
    readonly customer: string
    readonly at: number
  }[]
  readonly waiting: readonly {
    readonly id: string
    readonly number: string
    readonly customer: string
    readonly priority: Row['priority']
  }[]
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export const todayOf = (rows: readonly Row[], midnight: number, now: number): Today => {
  const open = rows
    .filter(({ status }) => status === 'new' || status === 'assigned' || status === 'in_progress')
    .sort(mostPressingFirst)
  const done = rows.filter(
    ({ status, closedAt }) => status === 'done' && closedAt !== null && closedAt >= midnight,
  )
  const relevant = [...open, ...done]
  const hours = relevant.flatMap(row => row.hours).filter(({ hour }) => hour >= midnight)
  const waiting = open.filter(({ status }) => status === 'new')
  return {
    workers: workersToday(relevant, midnight),
    done: done.length,
    open: open.length,
    late: open.filter(({ due }) => due !== null && due < now).length,
    pieces: sumQuantities(hours.map(({ quantity }) => quantity)),
    withShortages: relevant.filter(({ itemsWithShortages }) => itemsWithShortages > 0).length,
    perHour: perHour(hours, now),
    lastDone: done
      .map(({ id, number, customer, closedAt }) => ({
        id: localId('trebovanje', id),
        number,
        customer: customer ?? '',
        at: closedAt ?? 0,
      }))
      .sort((a, b) => b.at - a.at)
      .slice(0, 6),
    waiting: waiting.map(({ id, number, customer, priority }) => ({
      id: localId('trebovanje', id),
      number,
      customer: customer ?? '',
      priority,
    })),
  }
}

/** A wall has room for the first few: what is begun, then what is due, and never in another order after a reload. */
const mostPressingFirst = (a: Row, b: Row): number =>
  Number(b.status === 'in_progress') - Number(a.status === 'in_progress') ||
  (a.due ?? Number.MAX_SAFE_INTEGER) - (b.due ?? Number.MAX_SAFE_INTEGER) ||
  a.number.localeCompare(b.number, undefined, { numeric: true })

const workersToday = (rows: readonly Row[], midnight: number): WorkerToday[] => {
  const byWorker = new Map<string, WorkerToday & { readonly settled: number }>()
  const of = (id: string) =>
    byWorker.get(id) ?? {
      id,
      completedItems: 0,
      totalItems: 0,
      progress: 0,
      pieces: 0,
      numbers: [],
      lastScanAt: null,
      settled: 0,
    }
  for (const row of rows) {
    for (const task of row.tasks.filter(isHeld)) {
      const known = of(task.worker)
      byWorker.set(task.worker, {
        ...known,
        completedItems: known.completedItems + task.completedItems,
        totalItems: known.totalItems + task.totalItems,
        settled: known.settled + (task.progress * task.totalItems) / 100,
        numbers: task.state === 'done' ? known.numbers : [...known.numbers, row.number],
      })
    }
    for (const { hour, worker, quantity } of row.hours) {
      if (hour < midnight) continue
      const known = of(worker)
      byWorker.set(worker, {
        ...known,
        pieces: sumQuantities([known.pieces, quantity]),
        lastScanAt: Math.max(known.lastScanAt ?? 0, hour),
      })
    }
  }
  return [...byWorker.values()]
    .map(({ settled, ...worker }) => ({
      ...worker,
      progress: worker.totalItems === 0 ? 0 : Math.floor((100 * settled) / worker.totalItems + 1e-9),
    }))
    .sort((a, b) => a.id.localeCompare(b.id))
}

/** As the clock on the wall has it; an hour that comes twice, in the night when it is put back, is two. */
const startOfHour = (at: number): number => at - (at % MINUTE_MS) - new Date(at).getMinutes() * MINUTE_MS

/** From the first hour of work to this one, at least eight, so that the bars have a day's shape. */
const perHour = (
  hours: readonly { readonly hour: number; readonly quantity: number }[],
  now: number,
): Today['perHour'] => {
  const sums = new Map<number, number>()
  for (const { hour, quantity } of hours) {
    const start = startOfHour(hour)
    sums.set(start, sumQuantities([sums.get(start) ?? 0, quantity]))
  }
  const first = Math.min(startOfHour(now) - 7 * HOUR_MS, ...sums.keys())
  // Some clocks are put on by half an hour.
  const shown = new Set<number>()
  for (let at = first; at <= now; at += HOUR_MS / 2) shown.add(startOfHour(at))
  return [...shown].slice(-14).map(hour => ({ hour, pieces: Math.max(0, sums.get(hour) ?? 0) }))
}
