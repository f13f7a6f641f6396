// What a record still takes that holds all it may: whatever makes it no heavier. What is deleted, emptied or shortened
// goes on, so that whoever is told that it is full can make room.

import * as Y from 'yjs'
import type { LiveCell } from '../../shared/record/cell.ts'
import type { Problem } from '../../shared/record/record-error.ts'
import { parseUpdate } from './incoming-update.ts'
import { isRemoval } from './judge-writes.ts'
import type { GuardLimits, Judging, NewCell } from './judging.ts'
import { weightOf } from './room-weight.ts'
import { decodeUpdate, TooMany } from './update-decoder.ts'
import { type Refusal, refused, refusedFor } from './verdict.ts'

/** Of a record that is full, or nearly. */
export interface Tight {
  readonly isFull: boolean
  /** What was taken sets so many bytes free, at least. */
  freed(bytes: number): void
}

/** So long a value may always take the place of another: states, names and numbers go on changing. */
const SHORT_BYTES = 256

/** Of an update that nothing else is wrong with. */
export const judgeTight = (
  { overlay, record, judged, limits }: Judging,
  writes: readonly NewCell[],
  update: Uint8Array,
  tight: Tight,
): Refusal | null => {
  let freed = judged.textDeletes.reduce((sum, { clock, end }) => sum + end - clock, 0)
  let growth = 0
  const grown: string[] = []
  const grows = (path: string, bytes: number): void => {
    growth += bytes
    if (bytes > 0) grown.push(path)
  }
  const replaced = new Set<string>()
  for (const { cell, isDead } of writes) {
    if (isDead) continue
    const { path, value } = cell
    const victims = replaced.has(path) ? NOBODY : (judged.victims.get(path) ?? NOBODY)
    replaced.add(path)
    const before = victims.reduce((sum, victim) => sum + weightOf(victim.value), 0)
    const after = weightOf(value)
    freed += before
    const isShort = victims.length > 0 && after <= SHORT_BYTES
    const isFree = isShort || isRemoval(record.type, overlay.cells, path)
    grows(path, isFree ? Math.min(0, after - before) : after - before + (before > 0 ? 0 : AROUND_VALUE))
  }
  const marks = judged.letters.length > 0 && hasMarks(update, limits.structsPerUpdate) ? update.length : 0
  judged.texts.forEach((chars, text) => grows(text, chars + marks))
  if (growth <= 0 || !tight.isFull) {
    tight.freed(freed)
    return null
  }
  return refusedFor(grown.map((path): Problem => ({ code: 'RECORD_FULL', path, sentence: noRoom(limits) })))
}

const NOBODY: readonly LiveCell[] = []

const noRoom = ({ recordBytes }: Pick<GuardLimits, 'recordBytes'>): string => {
  const most = recordBytes < MB ? `${recordBytes} bytes` : `${Math.floor(recordBytes / MB)} MB`
  return `has no room in a record of ${most}: shorten what stands in it, or begin another one`
}

const MB = 1024 * 1024
/** The path of a value, who wrote it and when; about. */
const AROUND_VALUE = 32

/** Formats and what is embedded weigh more than the letters that they count for. */
const hasMarks = (update: Uint8Array, structsMax: number): boolean => {
  const parsed = parseUpdate(update, structsMax)
  return (
    !('malformed' in parsed) &&
    parsed.structs.some(
      struct =>
        struct instanceof Y.Item &&
        (struct.content instanceof Y.ContentFormat || struct.content instanceof Y.ContentEmbed),
    )
  )
}

/** Of a room without a type, in which everything else is allowed. */
export const judgeFree = (
  update: Uint8Array,
  limits: Pick<GuardLimits, 'structsPerUpdate' | 'recordBytes'>,
  tight: Tight | null,
): Refusal | null => {
  const partsMax = limits.structsPerUpdate * PARTS_A_STRUCT
  // A part is a byte at least.
  if (update.length > partsMax && hasMoreParts(update, partsMax))
    return refused('TOO_LARGE', '', `must have at most ${partsMax} parts in one update: send it in several`)
  // No blocks: it deletes, and does nothing else.
  const onlyDeletes = update[0] === 0
  return tight?.isFull === true && !onlyDeletes ? refused('RECORD_FULL', '', noRoom(limits)) : null
}

const PARTS_A_STRUCT = 8

const hasMoreParts = (update: Uint8Array, partsMax: number): boolean => {
  try {
    decodeUpdate(update, partsMax, partsMax)
    return false
  } catch (error) {
    // What cannot be decoded is applied as far as it goes.
    return error instanceof TooMany
  }
}
