import { firstHash } from './event-chain.ts'
import type { Database, Snapshot } from './level.ts'
import { READ_AHEAD_BYTES } from './level-database.ts'
import { keyOf, parseOrdered, under, unsealEvent } from './level-layout.ts'
import { orNull, unsealText } from './sealed.ts'
import type { RecordEvents, SeqRange, StoredEvent } from './store.ts'
import { damaged } from './store-error.ts'

/** Without any event there is none left. */
export interface EventRange {
  readonly events: readonly StoredEvent[]
  /** The number of the last one; where reading goes on. */
  readonly last: number
}

export async function readEventRange(
  db: Database,
  after: number,
  upTo: number,
  limit: number,
  toCursor: (event: number) => string,
): Promise<EventRange> {
  const range = { gt: keyOf.event(after), lte: keyOf.event(upTo) }
  const iterator = db.iterator({ ...range, highWaterMarkBytes: READ_AHEAD_BYTES })
  const events: StoredEvent[] = []
  let bytes = 0
  let last = after
  try {
    // Large ones come in short pages.
    while (events.length < limit && bytes < READ_AHEAD_BYTES) {
      const entries = await iterator.nextv(limit - events.length)
      if (entries.length === 0) return { events, last: upTo }
      for (const [key, value] of entries) {
        const number = parseOrdered(key.slice(1))
        last = number
        // One damaged event must not stop those who follow the log, nor make a page without any: `verify` names it.
        const event = orNull(() => unsealEvent(key, value, toCursor(number)))
        if (event === null) continue
        events.push(event)
        bytes += value.length
      }
    }
  } finally {
    await iterator.close()
  }
  return { events, last }
}

export async function readRecordEvents(
  db: Database,
  room: string,
  range: SeqRange,
  toCursor: (event: number) => string,
): Promise<RecordEvents> {
  const prefix = `c${room}\0`
  const lte = range.to === undefined ? under(prefix).lt : keyOf.chain(room, range.to)
  const gte = range.from === undefined ? prefix : keyOf.chain(room, range.from)
  const links = await db.iterator({ gte, lte, reverse: range.reverse ?? false, limit: range.limit }).all()
  const folded = await readFolded(db, room)
  try {
    const numbers = links.map(([key, link]) => Number(unsealText(key, link)))
    const values = await db.getMany(numbers.map(keyOf.event))
    const events = numbers.flatMap((number, i) => {
      const value = values[i]
      return value === undefined ? [] : [unsealEvent(keyOf.event(number), value, toCursor(number))]
    })
    return { events, folded }
  } catch (error) {
    throw damaged(room, 'its events are damaged', error)
  }
}

export async function readFolded(
  db: Database,
  room: string,
  snapshot?: Snapshot,
): Promise<{ count: number; hash: string }> {
  const value = await db.get(keyOf.foldedChain(room), { snapshot })
  if (value === undefined) return { count: 0, hash: firstHash(room) }
  const [count = '0', hash = ''] = unsealText(keyOf.foldedChain(room), value).split(' ')
  return { count: Number(count), hash }
}

/** The number of the last event that is there. */
export async function readLastEvent(db: Database): Promise<number> {
  const [last] = await db.keys({ ...under('e'), reverse: true, limit: 1 }).all()
  return last === undefined ? 0 : parseOrdered(last.slice(1))
}
