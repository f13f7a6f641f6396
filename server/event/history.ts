// The history of one record: its events, the newest first, back to where older ones were folded away.

import type { Store } from '../store/store.ts'
import { ANSWER_CHARS, type RecordEvent, toRecordEvent } from './event.ts'

export interface HistoryAsk {
  /** Events before this number. */
  readonly before?: number
  readonly limit: number
  /** Only what changed this path or something beneath it. */
  readonly path?: string
}

export interface History {
  readonly events: readonly RecordEvent[]
  /** Ask on with `before`; null: this was all there is. */
  readonly next: number | null
  /** How many from the first are no longer kept, and the hash at that point, which the kept ones go on from. */
  readonly folded: { readonly count: number; readonly hash: string }
}

const PAGE = 200
/** Read first, and behind large ones. */
const FEW = 10

export const readHistory = async (
  store: Pick<Store, 'readRecordEvents'>,
  room: string,
  { before, limit, path }: HistoryAsk,
): Promise<History> => {
  const events: RecordEvent[] = []
  let next = before ?? null
  let chars = 0
  for (let size = FEW; ; ) {
    const range = { reverse: true, limit: size, ...(next === null ? {} : { to: next - 1 }) }
    const page = await store.readRecordEvents(room, range)
    let read = 0
    for (const stored of page.events) {
      read += stored.json.length
      next = stored.seq
      const event = toRecordEvent(stored)
      if (path === undefined || concerns(event, path)) {
        events.push(event)
        chars += stored.json.length
      }
      if (events.length >= limit || chars >= ANSWER_CHARS) break
    }
    const isAll = page.events.length < size && (next === null || next <= page.folded.count + 1)
    if (events.length >= limit || chars >= ANSWER_CHARS || isAll || page.events.length === 0) {
      const isEnd = next === null || next <= page.folded.count + 1
      return { events, next: isEnd ? null : next, folded: page.folded }
    }
    size = read >= ANSWER_CHARS ? FEW : Math.min(PAGE, 2 * size)
  }
}

const concerns = ({ changes, texts = [] }: RecordEvent, path: string): boolean =>
  texts.some(({ field }) => field === path) || changes.some(change => isAt(change.path, path))

export const isAt = (path: string, root: string): boolean =>
  root === '' || path === root || path.startsWith(`${root}/`)
