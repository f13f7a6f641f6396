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

type Row = RowOf<typeof Trebovanje>

export const scheduleOf = (rows: readonly Row[], today: string): Schedule => {
  const waiting: Card[] = []
  const cells = new Map<string, Card[]>()
  const workers = new Set<string>()
  for (const card of rows.flatMap(cardsOf)) {
    if (card.worker === null) {
      waiting.push(card)
      continue
    }
    workers.add(card.worker)
    const key = cellKey(card.worker, shownDay(card, today))
    const cell = cells.get(key)
    if (cell === undefined) cells.set(key, [card])
    else cell.push(card)
  }
  // What is done makes room for what is not.
  for (const cards of cells.values())
    cards.sort((a, b) => Number(a.state === 'done') - Number(b.state === 'done'))
  const card = (key: string): Card | undefined =>
    [...waiting, ...[...cells.values()].flat()].find(one => one.key === key)
  return { waiting, cells, workers: [...workers], card }
}

/** The same cards of the same row, so that a board of thousands is drawn anew where something has changed. */
const cardsOf = (row: Row): readonly Card[] => {
  const known = cardsByRow.get(row)
  if (known !== undefined) return known
  const cards = makeCards(row)
  cardsByRow.set(row, cards)
  return cards
}

const cardsByRow = new WeakMap<Row, readonly Card[]>()

const makeCards = (row: Row): readonly Card[] => {
  const trebovanje = localId('trebovanje', row.id)
  const shared = {
    trebovanje,
    number: row.number,
    customer: row.customer ?? '',
    priority: row.priority,
    due: row.due,
  }
  const held = row.tasks.filter(isHeld)
  if (held.length === 0)
    return row.status !== 'new'
      ? []
      : [
          {
            ...shared,
            key: trebovanje,
            zaduznica: null,
            worker: null,
            day: null,
            progress: row.progress,
            state: 'new',
            items: row.totalItems,
          },
        ]
  return held.map(task => ({
    ...shared,
    key: `${trebovanje}/${task.id}`,
    zaduznica: task.id,
    worker: task.worker,
    day: task.day,
    progress: task.progress,
    // Narrowed by isHeld.
    state: task.state === 'cancelled' ? 'assigned' : task.state,
    items: task.totalItems,
  }))
}

/** What was left over from earlier days, and what may be done any day, is to be done today. */
export const shownDay = ({ day, state }: Pick<Card, 'day' | 'state'>, today: string): string =>
  day === null ? today : day < today && state !== 'done' ? today : day
