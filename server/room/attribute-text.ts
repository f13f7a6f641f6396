// Whose part of a text's delta is whose. Yjs tells what a transaction did to a text, all its writers together; when
// several wrote in one turn, the ids of what is new and of what is gone say who.

import * as Y from 'yjs'
import type { TextAttributes, TextOp } from './turn.ts'

/** Deleted ids by client, each with who deleted them. */
export type Deletions = ReadonlyMap<
  number,
  readonly { readonly clock: number; readonly end: number; readonly by: string }[]
>

interface Run {
  length: number
  readonly by: string
}

/** `deletions` is null where one person alone wrote. */
export const attributeText = (
  event: Y.YTextEvent,
  transaction: Y.Transaction,
  by: string,
  deletions: Deletions | null,
  ownerOf: (client: number) => string,
): TextOp[] => {
  const runs = deletions === null ? null : runsOf(event.target, transaction, deletions, ownerOf)
  return event.delta.flatMap((op): TextOp[] => {
    const attributes = op.attributes === undefined ? {} : { attributes: op.attributes as TextAttributes }
    if (op.retain !== undefined)
      return [op.attributes === undefined ? { retain: op.retain } : { retain: op.retain, ...attributes, by }]
    if (op.delete !== undefined) {
      return take(runs?.deleted, op.delete, by).map(run => ({ delete: run.length, by: run.by }))
    }
    const { insert } = op
    if (typeof insert !== 'string') {
      const [run] = take(runs?.inserted, 1, by)
      // An embed: a canonical object, which the guard has seen to.
      return [{ insert: insert as object, ...attributes, by: run?.by ?? by }]
    }
    let at = 0
    return take(runs?.inserted, insert.length, by).map(run => {
      at += run.length
      return { insert: insert.slice(at - run.length, at), ...attributes, by: run.by }
    })
  })
}

/** The next so many of the runs; without runs it is all one person's. */
const take = (runs: Run[] | undefined, length: number, by: string): Run[] => {
  if (runs === undefined) return [{ length, by }]
  const taken: Run[] = []
  let left = length
  while (left > 0) {
    const [run] = runs
    if (run === undefined) {
      taken.push({ length: left, by })
      break
    }
    const part = Math.min(left, run.length)
    taken.push({ length: part, by: run.by })
    left -= part
    run.length -= part
    if (run.length === 0) runs.shift()
  }
  return taken
}

const runsOf = (
  text: Y.Text,
  { beforeState, deleteSet }: Y.Transaction,
  deletions: Deletions,
  ownerOf: (client: number) => string,
): { inserted: Run[]; deleted: Run[] } => {
  const inserted: Run[] = []
  const deleted: Run[] = []
  for (let item = text._start; item !== null; item = item.right) {
    const { client, clock } = item.id
    if (!item.countable) continue
    const isNew = clock >= (beforeState.get(client) ?? 0)
    if (isNew && !item.deleted) add(inserted, item.length, ownerOf(client))
    else if (!isNew && item.deleted && Y.isDeleted(deleteSet, item.id)) {
      for (let at = clock; at < clock + item.length; at++) {
        const range = deletions.get(client)?.find(one => at >= one.clock && at < one.end)
        add(deleted, 1, range?.by ?? ownerOf(client))
      }
    }
  }
  return { inserted, deleted }
}

const add = (runs: Run[], length: number, by: string): void => {
  const last = runs.at(-1)
  if (last?.by === by) last.length += length
  else runs.push({ length, by })
}
