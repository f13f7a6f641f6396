// Requests and answers of a record do not grow without end. The oldest that were decided long ago go, with their
// answers; what was done stays in the history. That an id was decided is kept for ever, outside of the record: a
// request that comes once more, from a backup or by hand, is answered and not run.

import type { CellIndex } from '../../shared/record/cell-index.ts'
import type { LiveCell } from '../../shared/record/cell.ts'
import { stampToMs } from '../../shared/record/clock.ts'
import { ACTIONS, RESULTS } from '../../shared/record/path.ts'
import { FORGOTTEN_AT_ONCE } from '../room/forgotten-cells.ts'
import type { ValuePut } from '../store/store.ts'
import type { ActionResult } from './action-request.ts'

export interface ActionLimits {
  /** Of an answer, as of any other cell. */
  readonly cellBytes: number
  /** The latest of a record stay, however old. */
  readonly actionsKept: number
  /** And all that were decided within so many days, while there is room: who was away reads the answers. */
  readonly actionDaysKept: number
  readonly cellsPerRecord: number
}

const SPENT_SPACE = 'actions-spent'
const DAY_MS = 86_400_000

export interface SpentAnswers {
  readonly cells: readonly LiveCell[]
  /** By id, with whether it was accepted: what it said is not kept, so that a purge leaves nothing of it. */
  readonly values: readonly ValuePut[]
}

export const spentAnswers = (
  room: string,
  index: CellIndex,
  { actionsKept, actionDaysKept, cellsPerRecord }: ActionLimits,
  now: number,
  isHeavy = false,
): SpentAnswers => {
  const answers = [...index.keys(RESULTS)].flatMap(id =>
    index.at(`${RESULTS}/${id}`).map(cell => ({ id, cell })),
  )
  if (answers.length <= actionsKept) return NOTHING
  // Whoever may read may ask, and be refused: nobody's writes shall find the record full of that.
  const isHalfFull = isHeavy || index.size >= cellsPerRecord / 2
  const until = isHalfFull ? Number.POSITIVE_INFINITY : now - actionDaysKept * DAY_MS
  const spent = answers
    .sort((a, b) => a.cell.stamp - b.cell.stamp)
    .slice(0, answers.length - actionsKept)
    .filter(({ cell }) => stampToMs(cell.stamp) <= until)
    .slice(0, FORGOTTEN_AT_ONCE / 2)
  return {
    cells: spent.flatMap(({ id, cell }) => [...index.at(`${ACTIONS}/${id}`), cell]),
    values: spent.map(({ id, cell }) => ({
      space: SPENT_SPACE,
      key: `${room}/${id}`,
      // Only the server writes answers.
      value: (cell.value as unknown as ActionResult).ok ? 'accepted' : 'refused',
    })),
  }
}

const NOTHING: SpentAnswers = { cells: [], values: [] }

/** What is left to say of a request that was decided long ago; null: it was not. */
export const answerOfSpent = async (
  store: { readValue(space: string, key: string): Promise<string | null> },
  key: string,
): Promise<ActionResult | null> => {
  const spent = await store.readValue(SPENT_SPACE, key)
  if (spent === null) return null
  return spent === 'accepted'
    ? { ok: true, result: null }
    : { ok: false, reason: 'it was refused when it was first asked for' }
}
