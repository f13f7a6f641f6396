import { randomBytes } from 'node:crypto'

/**
 * A cursor names an event by its number and by the run of the log it was read in. A new run begins when the store
 * may have lost its newest events (a crash) or has gone back in time (a restore): numbers above where the new run
 * began may then mean other events, and who holds a cursor there must read again.
 */
export interface LogRun {
  readonly id: string
  /** The last event number before it. */
  readonly after: number
  /** Under which client id the server wrote in it; known of those that ended in a crash. */
  readonly nodeId?: number
}

// A run a crash; who sleeps through so many reads again.
const RUNS_MAX = 200

/** `nodeId`: under which the server wrote in the one that ends. */
export function beginRun(runs: readonly LogRun[], after: number, nodeId?: number): LogRun[] {
  const ended =
    nodeId === undefined ? runs : runs.map((run, i) => (i < runs.length - 1 ? run : { ...run, nodeId }))
  return [...ended.slice(1 - RUNS_MAX), { id: randomBytes(4).toString('hex'), after }]
}

export const cursorAt = (runs: readonly LogRun[], event: number): string =>
  `${runs.at(-1)?.id ?? ''}.${event.toString(36)}`

/** The event number a cursor stands at; null if what followed it there is not what follows it now. */
export function parseCursor(runs: readonly LogRun[], tip: number, cursor: string): number | null {
  const match = /^([0-9a-f]{8})\.([0-9a-z]{1,10})$/.exec(cursor)
  if (match === null) return null
  const [, id = '', digits = ''] = match
  const event = Number.parseInt(digits, 36)
  const i = runs.findIndex(run => run.id === id)
  if (i < 0 || event > (runs[i + 1]?.after ?? tip)) return null
  return event
}
