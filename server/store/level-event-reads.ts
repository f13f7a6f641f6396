import { firstHash } from './event-chain.ts'
import type { Database, Snapshot } from './level.ts'
import { READ_AHEAD_BYTES } from './level-database.ts'
import { keyOf, parseOrdered, under, unsealEvent } from './level-layout.ts'
import { orNull, unsealText } from './sealed.ts'
import type { RecordEvents, SeqRange, StoredEvent } from './store.ts'
import { damaged } from './store-error.ts'

export interface EventRange {
  readonly events: readonly StoredEvent[]
  readonly count: number
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
  const range = { gt: keyOf.event(after), lte: keyOf.event(upTo), limit }
  const iterator = db.iterator({ ...range, highWaterMarkBytes: READ_AHEAD_BYTES })
  const entries: Awaited<ReturnType<typeof iterator.all>> = []
  let bytes = 0
  let isEnd = false
  try {
    // Large ones come in short pages.
    while (entries.length < limit && bytes < READ_AHEAD_BYTES && !isEnd) {
      const some = await iterator.nextv(limit - entries.length)
      isEnd = some.length === 0
      for (const entry of some) {
        entries.push(entry)
        bytes += entry[1].length
      }
    }
  } finally {
    await iterator.close()
  }
  const events = entries.flatMap(([key, value]) => {
    // One damaged event must not stop those who follow the log: `verify` names it.
    const event = orNull(() => unsealEvent(key, value, toCursor(parseOrdered(key.slice(1)))))
    return event === null ? [] : [event]
  })
  const lastKey = entries.at(-1)?.[0]
  const isAll = isEnd || lastKey === undefined
  return { events, count: entries.length, last: isAll ? upTo : parseOrdered(lastKey.slice(1)) }
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
