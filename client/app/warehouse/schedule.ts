// What stands where on the scheduler: a card for each task, and for each trebovanje that nobody has.

import { localId, type RowOf, type Trebovanje } from '../../../shared/index.ts'
import { isHeld } from './held-tasks.ts'

export interface Card {
  readonly key: string
  readonly trebovanje: string
  /** Null: nobody has it yet. */
  readonly zaduznica: string | null
  readonly number: string
  readonly customer: string
  readonly priority: 'low' | 'normal' | 'high' | 'urgent'
  readonly due: number | null
  readonly worker: string | null
  readonly day: string | null
  readonly progress: number
  readonly state: 'new' | 'assigned' | 'in_progress' | 'done'
  readonly items: number
}

export interface Schedule {
  readonly waiting: readonly Card[]
  /** By `worker day`. */
  readonly cells: ReadonlyMap<string, readonly Card[]>
  readonly workers: readonly string[]
  /** As it stands now; a card that somebody has opened goes on changing. */
  readonly card: (key: string) => Card | undefined
}

export const cellKey = (worker: string, day: string): string => `${worker} ${day}`

export const scheduleOf = (rows: readonly RowOf<typeof Trebovanje>[], today: string): Schedule => {
  const waiting: Card[] = []
  const cells = new Map<string, Card[]>()
  const workers = new Set<string>()
  for (const row of rows) {
    const trebovanje = localId('trebovanje', row.id)
    const shared = {
      trebovanje,
      number: row.number,
      customer: row.customer ?? '',
      priority: row.priority,
      due: row.due,
    }
    const held = row.tasks.filter(isHeld)
    if (held.length === 0 && row.status === 'new') {
      waiting.push({
        ...shared,
        key: trebovanje,
        zaduznica: null,
        worker: null,
        day: null,
        progress: row.progress,
        state: 'new',
        items: row.totalItems,
      })
    }
    for (const task of held) {
      // Narrowed by isHeld.
      const state = task.state === 'cancelled' ? 'assigned' : task.state
      const card: Card = {
        ...shared,
        key: `${trebovanje}/${task.id}`,
        zaduznica: task.id,
        worker: task.worker,
        day: task.day,
        progress: task.progress,
        state,
        items: task.totalItems,
      }
      workers.add(task.worker)
      const key = cellKey(task.worker, shownDay(card, today))
      cells.set(key, [...(cells.get(key) ?? []), card])
    }
  }
  // What is done makes room for what is not.
  for (const cards of cells.values())
    cards.sort((a, b) => Number(a.state === 'done') - Number(b.state === 'done'))
  const card = (key: string): Card | undefined =>
    [...waiting, ...[...cells.values()].flat()].find(one => one.key === key)
  return { waiting, cells, workers: [...workers], card }
}

/** What was left over from earlier days, and what may be done any day, is to be done today. */
export const shownDay = ({ day, state }: Pick<Card, 'day' | 'state'>, today: string): string =>
  day === null ? today : day < today && state !== 'done' ? today : day
