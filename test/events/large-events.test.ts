// An event of an import is some megabytes: what is held of many for one answer, or for all who follow, has a bound.

import { expect, it } from 'vitest'
import type { Principal } from '../../server/access/principal.ts'
import { readPage } from '../../server/event/event-feed.ts'
import { EventLog } from '../../server/event/event-log.ts'
import type { EventReaders } from '../../server/event/event-readers.ts'
import { readHistory } from '../../server/event/history.ts'
import type { EventPage, RecordEvents, SeqRange, StoredEvent } from '../../server/store/store.ts'

const ana: Principal = { id: 'ana', name: 'Ana', roles: [], claims: {}, expiresAt: null }
const never = new AbortController().signal

/** A store of events of so many characters each, that gives two of them at a time. */
class LargeEvents {
  readonly events: StoredEvent[] = []
  reads = 0
  readonly #chars: number

  constructor(chars: number) {
    this.#chars = chars
  }

  add(count: number): this {
    for (let i = 0; i < count; i++) {
      const seq = this.events.length + 1
      const body = {
        record: 'note:1',
        type: 'note',
        changes: [{ path: 'title', to: 'x'.repeat(this.#chars) }],
      }
      this.events.push({ cursor: `${seq}`, room: 'note:1', seq, hash: '', json: JSON.stringify(body) })
    }
    return this
  }

  async readEvents(since: string | null, limit: number): Promise<EventPage> {
    this.reads++
    const events = this.events.slice(Number(since), Number(since) + Math.min(limit, 2))
    return { events, cursor: events.at(-1)?.cursor ?? `${this.events.length}`, reset: false }
  }

  async eventCursor(): Promise<string> {
    return `${this.events.length}`
  }

  async readRecordEvents(_: string, { to = Infinity, limit }: SeqRange): Promise<RecordEvents> {
    const upTo = this.events.filter(({ seq }) => seq <= to).reverse()
    return { events: upTo.slice(0, limit), folded: { count: 0, hash: '' } }
  }
}

const logOf = (store: LargeEvents): EventLog =>
  new EventLog(store, error => {
    throw error
  })

/** How many of them a follower's log answers for without reading the store again, once all came by. */
const keptOf = async (chars: number, count: number): Promise<number> => {
  const store = new LargeEvents(chars)
  const log = logOf(store)
  for (let n = 0; n < count; n++) {
    const next = log.next(`${n}`, 10, 'ana', never)
    store.add(1)
    log.wake()
    expect((await next).events.map(({ cursor }) => cursor)).toEqual([`${n + 1}`])
  }
  let kept = 0
  for (let n = 0; n < count; n++) {
    const { reads } = store
    expect((await log.after(`${n}`, 1, 'ana')).cursor).toBe(`${n + 1}`)
    if (store.reads === reads) kept++
  }
  return kept
}

it('of small ones all are kept for who follows, of large ones the latest', async () => {
  expect(await keptOf(10, 30)).toBe(30)
  expect(await keptOf(1_000_000, 30)).toBeLessThan(17)
})

it('what was committed while nobody followed comes whole, however short its pages are', async () => {
  const store = new LargeEvents(10)
  const log = logOf(store)
  const first = log.next('0', 10, 'ana', never)
  store.add(1)
  log.wake()
  await first
  store.add(9)
  log.wake()
  const { events } = await log.next('1', 10, 'ana', never)
  expect(events.map(({ cursor }) => Number(cursor))).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
})

it('a page of large ones is a short one, and leads on to the rest', async () => {
  const log = logOf(new LargeEvents(1_000_000).add(9))
  // Only this is asked of them.
  const readers = { mayFollow: () => true } as unknown as EventReaders
  const wish = { types: null, record: null, gone: false }
  const pages: number[][] = []
  for (let [since, more]: [string | null, boolean] = [null, true]; more; ) {
    const page = await readPage({ log, readers }, ana, wish, since, 1_000, never)
    pages.push(page.events.map(({ cursor }) => Number(cursor)))
    ;({ cursor: since, more } = page)
  }
  expect(pages).toEqual([
    [1, 2, 3, 4, 5, 6],
    [7, 8, 9],
  ])
})

it('so is a part of a history', async () => {
  const store = new LargeEvents(1_000_000).add(9)
  const first = await readHistory(store, 'note:1', { limit: 500 })
  expect([first.events.map(({ seq }) => seq), first.next]).toEqual([[9, 8, 7, 6, 5], 5])
  const rest = await readHistory(store, 'note:1', { limit: 500, before: 5 })
  expect([rest.events.map(({ seq }) => seq), rest.next]).toEqual([[4, 3, 2, 1], null])
  const small = await readHistory(new LargeEvents(10).add(450), 'note:1', { limit: 500 })
  expect([small.events.length, small.next]).toEqual([450, null])
})

it('of a history in which one field is looked for no more of large ones is read at once', async () => {
  const store = new LargeEvents(1_000_000).add(60)
  const asked: number[] = []
  const read = (room: string, range: SeqRange): Promise<RecordEvents> => {
    asked.push(range.limit)
    return store.readRecordEvents(room, range)
  }
  const { events, next } = await readHistory({ readRecordEvents: read }, 'note:1', {
    limit: 500,
    path: 'none',
  })
  expect([events, next]).toEqual([[], null])
  expect(Math.max(...asked)).toBe(10)
})
