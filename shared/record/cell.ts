// One write: `[path, value, stamp, author]`, an element of the record's root array `cells`. A live cell knows
// its Yjs id too, which is unique and cannot be chosen: it is what deletes and witnesses name.

import { isStamp, type Stamp } from './clock.ts'
import { isCanonicalPath } from './path.ts'
import { deepFreeze, type Value, valueProblem } from './value.ts'

export type Cell = readonly [path: string, value: Value, stamp: Stamp, author: string]

export interface CellId {
  readonly client: number
  readonly clock: number
}

export interface LiveCell extends CellId {
  readonly path: string
  readonly value: Value
  readonly stamp: Stamp
  readonly author: string
}

export const CELLS = 'cells'
/** Who the server's own cells (witnesses, results of actions) are signed by. No user may have this id. */
export const SERVER_AUTHOR = '$server'
const AUTHOR_CHARS_MAX = 256

/** Why an element of `cells` is not a cell, or null when it is one. */
export const cellProblem = (element: unknown): string | null => {
  if (!Array.isArray(element) || element.length !== 4) return 'a cell is [path, value, stamp, author]'
  const [path, value, stamp, author] = element
  if (typeof path !== 'string' || !isCanonicalPath(path)) return 'a path must be in its canonical form'
  if (!isStamp(stamp)) return 'a stamp must be a positive safe integer'
  if (typeof author !== 'string' || author === '' || author.length > AUTHOR_CHARS_MAX) {
    return 'an author must be a user id'
  }
  return valueProblem(value)
}

/** For elements that a guard has already judged: only the shape is looked at. */
export const readCell = (element: unknown, client: number, clock: number): LiveCell | null => {
  if (!Array.isArray(element) || element.length !== 4) return null
  const [path, value, stamp, author] = element
  if (typeof path !== 'string' || typeof stamp !== 'number' || typeof author !== 'string') return null
  return { path, value: deepFreeze(value), stamp, author, client, clock }
}

export const isSameCell = (a: CellId, b: CellId): boolean => a.client === b.client && a.clock === b.clock

/** Later in the order that every replica agrees on: stamp, then author, then client id. */
export const compareCells = (a: LiveCell, b: LiveCell): number =>
  a.stamp - b.stamp || compareText(a.author, b.author) || a.client - b.client || a.clock - b.clock

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
