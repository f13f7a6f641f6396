import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstHash, nextHash } from '../../server/store/event-chain.ts'
import type {
  Change,
  ChangeOutcome,
  NewEpoch,
  RoomChange,
  Store,
  StoredEvent,
} from '../../server/store/store.ts'

/** A change of a typed record as a room makes it; overrides say what matters to the test. */
export function roomChange(room: string, expect: number, more: Partial<RoomChange> = {}): RoomChange {
  const type = room.includes(':') ? room.slice(0, room.indexOf(':')) : ''
  return { room, type, epoch: 'e1', expect, at: 1000 + expect, by: 'ana', updates: [], ...more }
}

export const change = (...rooms: RoomChange[]): Change => ({ rooms })

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

export function ticket(n: number, status: string): RoomChange {
  const id = String(n)
  return roomChange(`ticket:${id}`, 0, { row: { id, json: JSON.stringify({ id, status }) } })
}

const newEpoch = (more: Partial<NewEpoch> = {}): NewEpoch => ({
  epoch: 'e2',
  ended: 'folded',
  clocks: new Map([[7, 3]]),
  content: bytes(0, 0),
  ...more,
})

export function saved(outcome: ChangeOutcome | undefined): Extract<ChangeOutcome, { saved: true }> {
  if (outcome?.saved !== true) throw new Error(`not saved: ${JSON.stringify(outcome)}`)
  return outcome
}

/** What every store promises; each implementation runs it. */
export function describeStore(
  name: string,
  create: () => { store: Store; dispose?: () => Promise<void> },
): void {
  describe(name, () => {
    let store: Store
    let dispose: (() => Promise<void>) | undefined

    beforeEach(async () => {
      ;({ store, dispose } = create())
      await store.open()
    })

    afterEach(async () => {
      await store.close()
      await dispose?.()
    })

    describe('rooms', () => {
      it('gives null for a room that was never written', async () => {
        expect(await store.loadRoom('ticket:1')).toBeNull()
        expect(await store.readHead('ticket:1')).toBeNull()
      })

      it('gives back updates in order, byte for byte, with head and owners', async () => {
        const owners = [{ clientId: 7, userId: 'ana' }]
        const first = roomChange('ticket:1', 0, { updates: [bytes(1), bytes(2, 3)], owners })
        const [outcome] = await store.commit([change(first)])
        await store.commit([change(roomChange('ticket:1', 1, { updates: [bytes(4)], by: 'bo', at: 5000 }))])

        const room = await store.loadRoom('ticket:1')
        expect(room?.log.map(update => [...update])).toEqual([[1], [2, 3], [4]])
        expect(room?.snapshot).toBeNull()
        expect([...(room?.owners ?? [])]).toEqual([[7, 'ana']])
        expect(saved(outcome).heads[0]).toMatchObject({ commit: 1, logEntries: 1, logBytes: 3 })
        expect(room?.head).toEqual({
          room: 'ticket:1',
          type: 'ticket',
          epoch: 'e1',
          commit: 2,
          state: 'live',
          createdAt: 1000,
          createdBy: 'ana',
          updatedAt: 5000,
          updatedBy: 'bo',
          logEntries: 2,
          logBytes: 4,
          snapshotCommit: 0,
          snapshotBytes: 0,
          eventCount: 0,
          eventHash: null,
        })
        expect(await store.readHead('ticket:1')).toEqual(room?.head)
      })

      it('keeps rooms apart whose names begin alike', async () => {
        await store.commit(
          ['a', 'a:1', 'a:10', 'a:1~x', 'a:1/x', 'ž'].map((room, i) =>
            change(roomChange(room, 0, { updates: [bytes(i)] })),
          ),
        )
        expect((await store.loadRoom('a:1'))?.log.map(update => [...update])).toEqual([[1]])
        const { heads } = await store.readHeads({ limit: 10 })
        expect(heads.map(head => head.room)).toEqual(['a', 'a:1', 'a:1/x', 'a:10', 'a:1~x', 'ž'])
      })

      it('pages through the heads of all rooms', async () => {
        await store.commit(['c', 'a', 'b'].map(room => change(roomChange(room, 0))))
        const first = await store.readHeads({ limit: 2 })
        expect(first.heads.map(head => head.room)).toEqual(['a', 'b'])
        const rest = await store.readHeads({ limit: 2, after: first.next ?? '' })
        expect(rest.heads.map(head => head.room)).toEqual(['c'])
        expect(rest.next).toBeNull()
      })

      it('hides nothing of a removed record but its state', async () => {
        await store.commit([change(roomChange('ticket:1', 0, { updates: [bytes(1)] }))])
        await store.commit([change(roomChange('ticket:1', 1, { state: 'removed' }))])
        const room = await store.loadRoom('ticket:1')
        expect(room?.head.state).toBe('removed')
        expect(room?.log).toHaveLength(1)
        await store.commit([change(roomChange('ticket:1', 2, { state: 'live' }))])
        expect((await store.readHead('ticket:1'))?.state).toBe('live')
      })

      it('refuses names that could be taken for another', async () => {
        for (const room of ['', 'a\0b', 'a\nb', '\ud800', 'x'.repeat(1025)]) {
          await expect(store.commit([change(roomChange(room, 0))])).rejects.toMatchObject({
            code: 'STORE_BAD_CHANGE',
          })
        }
      })
    })

    describe('expected commit numbers', () => {
      it('leaves out a change whose room moved, and writes the rest of the batch', async () => {
        await store.commit([change(roomChange('a', 0, { updates: [bytes(1)] }))])
        const outcomes = await store.commit([
          change(roomChange('a', 0, { updates: [bytes(9)] })),
          change(roomChange('b', 0, { updates: [bytes(2)] })),
        ])
        expect(outcomes[0]).toEqual({ saved: false, moved: ['a'] })
        expect(outcomes[1]?.saved).toBe(true)
        expect((await store.loadRoom('a'))?.log.map(update => [...update])).toEqual([[1]])
      })

      it('leaves out every room, value and event that is joined with one that moved', async () => {
        await store.commit([change(roomChange('a', 0))])
        const joined = {
          rooms: [
            roomChange('ticket:2', 0, { events: ['{}'], row: { id: '2', json: '{}' } }),
            roomChange('a', 7),
          ],
          values: [{ space: 'numbers', key: 'next', value: '2' }],
        }
        expect(await store.commit([joined])).toEqual([{ saved: false, moved: ['a'] }])
        expect(await store.loadRoom('ticket:2')).toBeNull()
        expect(await store.readRow('ticket', '2')).toBeNull()
        expect(await store.readValue('numbers', 'next')).toBeNull()
        expect((await store.readEvents(null, 10)).events).toEqual([])
      })

      it('takes two changes of one room in one batch, each on top of the one before', async () => {
        const outcomes = await store.commit([
          change(roomChange('a', 0, { updates: [bytes(1)] })),
          change(roomChange('a', 1, { updates: [bytes(2)] })),
          change(roomChange('a', 1, { updates: [bytes(3)] })),
        ])
        expect(outcomes.map(outcome => outcome.saved)).toEqual([true, true, false])
        expect((await store.loadRoom('a'))?.log.map(update => [...update])).toEqual([[1], [2]])
      })

      it('answers commits handed in together in their order', async () => {
        const all = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            store.commit([change(roomChange('a', i, { updates: [bytes(i)] }))]),
          ),
        )
        expect(all.every(([outcome]) => outcome?.saved)).toBe(true)
        expect((await store.readHead('a'))?.commit).toBe(20)
      })
    })

    describe('compaction', () => {
      it('folds the log up to a commit and keeps what came after', async () => {
        for (let i = 0; i < 5; i++)
          await store.commit([change(roomChange('a', i, { updates: [bytes(i), bytes(i)] }))])
        const head = await store.compactRoom('a', bytes(42), 3)
        expect(head).toMatchObject({
          commit: 5,
          snapshotCommit: 3,
          snapshotBytes: 1,
          logEntries: 2,
          logBytes: 4,
        })
        const room = await store.loadRoom('a')
        expect([...(room?.snapshot ?? [])]).toEqual([42])
        expect(room?.log.map(update => [...update])).toEqual([[3], [3], [4], [4]])
        expect(room?.head).toEqual(head)
      })

      it('goes on committing after it, and folds again', async () => {
        await store.commit([change(roomChange('a', 0, { updates: [bytes(0)] }))])
        await store.compactRoom('a', bytes(1), 1)
        await store.commit([change(roomChange('a', 1, { updates: [bytes(2)] }))])
        const room = await store.loadRoom('a')
        expect(room?.head).toMatchObject({ commit: 2, snapshotCommit: 1, logEntries: 1, logBytes: 1 })
        expect(room?.log.map(update => [...update])).toEqual([[2]])
        expect(await store.compactRoom('a', bytes(3), 2)).toMatchObject({ snapshotCommit: 2, logEntries: 0 })
        expect((await store.loadRoom('a'))?.log).toEqual([])
      })

      it('ignores a snapshot that is older than what stands, beyond the head, or of no room', async () => {
        await store.commit([change(roomChange('a', 0, { updates: [bytes(0)] }))])
        await store.compactRoom('a', bytes(1), 1)
        expect(await store.compactRoom('a', bytes(9), 1)).toBeNull()
        expect(await store.compactRoom('a', bytes(9), 2)).toBeNull()
        expect(await store.compactRoom('b', bytes(9), 1)).toBeNull()
        expect([...((await store.loadRoom('a'))?.snapshot ?? [])]).toEqual([1])
      })
    })

    describe('epochs', () => {
      beforeEach(async () => {
        const owners = [
          { clientId: 7, userId: 'ana' },
          { clientId: 8, userId: 'bo' },
        ]
        await store.commit([
          change(roomChange('ticket:1', 0, { updates: [bytes(1)], owners, events: ['{"n":1}'] })),
        ])
      })

      it('replaces content in one step and remembers whose ids are spent, and how far', async () => {
        const fold = roomChange('ticket:1', 1, {
          newEpoch: newEpoch({ content: bytes(5) }),
          updates: [bytes(6)],
        })
        await store.commit([change({ ...fold, owners: [{ clientId: 9, userId: 'server' }] })])
        const room = await store.loadRoom('ticket:1')
        expect(room?.head).toMatchObject({
          epoch: 'e2',
          commit: 2,
          state: 'live',
          logEntries: 1,
          snapshotCommit: 1,
        })
        expect([...(room?.snapshot ?? [])]).toEqual([5])
        expect(room?.log.map(update => [...update])).toEqual([[6]])
        expect([...(room?.owners ?? [])]).toEqual([[9, 'server']])
        expect(room?.earlierEpochs).toEqual([
          {
            epoch: 'e1',
            commit: 1,
            ended: 'folded',
            clients: new Map([
              [7, { userId: 'ana', clock: 3 }],
              [8, { userId: 'bo', clock: 0 }],
            ]),
          },
        ])
      })

      it('keeps content where only the epoch ends', async () => {
        const end = newEpoch({ ended: 'restored', content: null })
        await store.commit([change(roomChange('ticket:1', 1, { newEpoch: end }))])
        const room = await store.loadRoom('ticket:1')
        expect(room?.log.map(update => [...update])).toEqual([[1]])
        expect(room?.owners.size).toBe(0)
        expect(room?.earlierEpochs[0]?.ended).toBe('restored')
      })

      it('is remembered by a little room that knows no owner of an id, too', async () => {
        await store.commit([change(roomChange('ticket:2', 0, { updates: [bytes(1)] }))])
        const fold = { newEpoch: newEpoch({ content: bytes(5) }), updates: [bytes(6)] }
        await store.commit([change(roomChange('ticket:2', 1, fold))])
        const room = await store.loadRoom('ticket:2')
        expect(room?.earlierEpochs.map(({ epoch }) => epoch)).toEqual(['e1'])
      })

      it('ends an epoch in the same batch as a change before it', async () => {
        const outcomes = await store.commit([
          change(
            roomChange('ticket:1', 1, { updates: [bytes(2)], owners: [{ clientId: 10, userId: 'cy' }] }),
          ),
          change(roomChange('ticket:1', 2, { newEpoch: newEpoch() })),
          change(roomChange('ticket:1', 3, { epoch: 'e2', updates: [bytes(3)] })),
        ])
        expect(outcomes.every(({ saved }) => saved)).toBe(true)
        const room = await store.loadRoom('ticket:1')
        expect(room?.log.map(update => [...update])).toEqual([[3]])
        expect([...(room?.earlierEpochs[0]?.clients.keys() ?? [])].sort()).toEqual([10, 7, 8])
      })

      it('leaves of a purged record a head, spent ids and the end of its chain', async () => {
        await store.commit([change({ ...ticket(1, 'open'), expect: 1 })])
        const purge = newEpoch({ ended: 'purged' })
        const [outcome] = await store.commit([
          change(roomChange('ticket:1', 2, { newEpoch: purge, events: ['{"purged":true}'] })),
        ])
        const room = await store.loadRoom('ticket:1')
        expect(room?.head).toMatchObject({ state: 'purged', epoch: 'e2', commit: 3, eventCount: 2 })
        expect(room?.log).toEqual([])
        expect([...(room?.earlierEpochs[0]?.clients.keys() ?? [])]).toEqual([7, 8])
        expect(await store.readRow('ticket', '1')).toBeNull()
        const { events, folded } = await store.readRecordEvents('ticket:1', { limit: 10 })
        expect(events).toEqual(saved(outcome).events)
        expect(folded.count).toBe(1)
        expect(findBreak(folded, events)).toBeNull()
        expect((await store.readEvents(null, 10)).events.map(event => event.json)).toEqual([
          '{"purged":true}',
        ])
      })

      it('lets a purged record begin again without what was', async () => {
        await store.commit([change(roomChange('ticket:1', 1, { newEpoch: newEpoch({ ended: 'purged' }) }))])
        await store.commit([change(roomChange('ticket:1', 2, { epoch: 'e2', updates: [bytes(8)] }))])
        const room = await store.loadRoom('ticket:1')
        expect(room?.head.state).toBe('live')
        expect(room?.log.map(update => [...update])).toEqual([[8]])
        expect(room?.earlierEpochs).toHaveLength(1)
      })

      it('refuses a compaction that was computed before the content was replaced', async () => {
        await store.commit([change(roomChange('ticket:1', 1, { newEpoch: newEpoch({ content: bytes(5) }) }))])
        expect(await store.compactRoom('ticket:1', bytes(9), 1)).toBeNull()
        expect([...((await store.loadRoom('ticket:1'))?.snapshot ?? [])]).toEqual([5])
      })
    })

    describe('rows', () => {
      it('reads rows by id, page by page', async () => {
        await store.commit([3, 1, 2, 10].map(n => change(ticket(n, n % 2 ? 'open' : 'done'))))
        expect(await store.readRow('ticket', '2')).toBe('{"id":"2","status":"done"}')
        const byId = await store.readRows('ticket', { limit: 3 })
        expect(byId.rows.map(row => row.id)).toEqual(['1', '10', '2'])
        expect(
          (await store.readRows('ticket', { limit: 3, after: byId.next ?? '' })).rows.map(row => row.id),
        ).toEqual(['3'])
      })

      it('replaces a row, and leaves it alone when it is not mentioned', async () => {
        await store.commit([change(ticket(1, 'open')), change(ticket(2, 'open'))])
        await store.commit([change({ ...ticket(1, 'shut'), expect: 1 })])
        await store.commit([change(roomChange('ticket:1', 2, { updates: [bytes(1)] }))])
        const { rows } = await store.readRows('ticket', { limit: 10 })
        expect(rows.map(row => row.json)).toEqual([
          '{"id":"1","status":"shut"}',
          '{"id":"2","status":"open"}',
        ])
      })

      it('takes a row off all lists with null', async () => {
        await store.commit([change(ticket(1, 'open'))])
        await store.commit([change(roomChange('ticket:1', 1, { row: null, state: 'removed' }))])
        expect(await store.readRow('ticket', '1')).toBeNull()
        expect((await store.readRows('ticket', { limit: 10 })).rows).toEqual([])
      })

      it('rewrites rows of records that have not moved since', async () => {
        await store.commit([1, 2, 3].map(n => change(ticket(n, 'open'))))
        const row = { id: '1', json: '{"v":2}' }
        const moved = await store.rewriteRows([
          { room: 'ticket:1', commit: 1, row },
          { room: 'ticket:2', commit: 9, row: { ...row, id: '2' } },
          { room: 'ticket:3', commit: 1, row: null },
        ])
        expect(moved).toEqual(['ticket:2'])
        expect((await store.readRows('ticket', { limit: 9 })).rows).toEqual([
          row,
          { id: '2', json: '{"id":"2","status":"open"}' },
        ])
        await store.commit([change({ ...ticket(1, 'open'), expect: 1 })])
        expect(await store.readRow('ticket', '1')).toBe('{"id":"1","status":"open"}')
      })
    })

    describe('events', () => {
      const events = (room: string, expect: number, ...json: string[]) =>
        change(roomChange(room, expect, { events: json }))

      it('numbers and chains them per record, and orders them over all', async () => {
        const outcomes = await store.commit([events('a', 0, '"a1"', '"a2"'), events('b', 0, '"b1"')])
        await store.commit([events('a', 1, '"a3"')])
        expect(saved(outcomes[0]).events.map(event => event.seq)).toEqual([1, 2])
        const all = await store.readEvents(null, 10)
        expect(all.events.map(event => event.json)).toEqual(['"a1"', '"a2"', '"b1"', '"a3"'])
        expect(all.events.slice(0, 2)).toEqual(saved(outcomes[0]).events)
        const { events: chain, folded } = await store.readRecordEvents('a', { limit: 10 })
        expect(chain.map(event => event.seq)).toEqual([1, 2, 3])
        expect(findBreak(folded, chain)).toBeNull()
        expect(await store.readHead('a')).toMatchObject({ eventCount: 3, eventHash: chain[2]?.hash })
      })

      it('reads on from a cursor, in pages, to the end', async () => {
        for (let i = 0; i < 5; i++) await store.commit([events('a', i, String(i))])
        const first = await store.readEvents(null, 2)
        const second = await store.readEvents(first.cursor, 2)
        expect(second.events.map(event => event.json)).toEqual(['2', '3'])
        expect((await store.readEvents(second.events[0]?.cursor ?? null, 1)).events[0]?.json).toBe('3')
        const end = await store.eventCursor()
        expect(await store.readEvents(end, 10)).toEqual({ events: [], cursor: end, reset: false })
      })

      it('reads a part of a record, newest first too', async () => {
        await store.commit([events('a', 0, '1', '2', '3', '4')])
        const part = await store.readRecordEvents('a', { from: 2, to: 3, limit: 9 })
        expect(part.events.map(event => event.seq)).toEqual([2, 3])
        const newest = await store.readRecordEvents('a', { reverse: true, limit: 2 })
        expect(newest.events.map(event => event.seq)).toEqual([4, 3])
      })

      it('says «read again» for a cursor it does not know', async () => {
        await store.commit([events('a', 0, '1')])
        const end = await store.eventCursor()
        for (const since of ['nonsense', '', '99999999', 'deadbeef.1']) {
          expect(await store.readEvents(since, 10)).toEqual({ events: [], cursor: end, reset: true })
        }
      })

      it('folds the oldest away, and keeps each chain provable from there', async () => {
        await store.commit([events('a', 0, '1', '2'), events('b', 0, '3'), events('a', 1, '4')])
        const start = await store.readEvents(null, 1)
        const upTo = (await store.readEvents(null, 3)).cursor
        expect(await store.foldEvents(upTo, 2)).toBe(2)
        expect(await store.foldEvents(upTo, 2)).toBe(1)
        expect(await store.foldEvents(upTo, 2)).toBe(0)
        expect((await store.readEvents(null, 9)).events.map(event => event.json)).toEqual(['4'])
        expect((await store.readEvents(start.cursor, 9)).reset).toBe(true)
        expect((await store.readEvents(upTo, 9)).events.map(event => event.json)).toEqual(['4'])
        const { events: rest, folded } = await store.readRecordEvents('a', { limit: 9 })
        expect(folded.count).toBe(2)
        expect(findBreak(folded, rest)).toBeNull()
        expect(findBreak({ count: 0, hash: firstHash('a') }, rest)).toEqual(rest[0])
      })
    })

    describe('values', () => {
      const put = (space: string, key: string, value: string | null) => ({
        rooms: [],
        values: [{ space, key, value }],
      })

      it('keeps spaces apart and pages by prefix, both ways', async () => {
        const keys = ['u1/b', 'u1/a', 'u1/c', 'u2/a']
        await store.commit([...keys.map(key => put('inbox', key, `"${key}"`)), put('inbox2', 'u1/z', '0')])
        expect(await store.readValue('inbox', 'u1/b')).toBe('"u1/b"')
        expect(await store.readValue('inbox', 'u1/z')).toBeNull()
        const first = await store.readValues('inbox', { prefix: 'u1/', limit: 2 })
        expect(first.values.map(({ key }) => key)).toEqual(['u1/a', 'u1/b'])
        const rest = await store.readValues('inbox', { prefix: 'u1/', limit: 2, after: first.next ?? '' })
        expect(rest).toEqual({ values: [{ key: 'u1/c', value: '"u1/c"' }], next: null, damaged: [] })
        const back = await store.readValues('inbox', { prefix: 'u1/', limit: 1, reverse: true })
        expect(back.values[0]?.key).toBe('u1/c')
        const backRest = await store.readValues('inbox', {
          prefix: 'u1/',
          limit: 9,
          reverse: true,
          after: back.next ?? '',
        })
        expect(backRest.values.map(({ key }) => key)).toEqual(['u1/b', 'u1/a'])
      })

      it('removes with null, and joins values with rooms', async () => {
        await store.commit([{ rooms: [roomChange('a', 0)], values: [{ space: 's', key: 'k', value: '1' }] }])
        expect(await store.readValue('s', 'k')).toBe('1')
        await store.commit([put('s', 'k', null)])
        expect(await store.readValue('s', 'k')).toBeNull()
      })
    })

    it('finds nothing to report in what it wrote itself', async () => {
      await store.commit([1, 2, 3].map(n => change({ ...ticket(n, 'open'), events: ['{}'] })))
      await store.commit([change(roomChange('ticket:1', 1, { newEpoch: newEpoch({ ended: 'purged' }) }))])
      const findings = []
      for await (const finding of store.verify({ events: true })) findings.push(finding)
      expect(findings).toEqual([])
    })

    it('refuses everything after close', async () => {
      await store.close()
      await expect(store.loadRoom('a')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
      await expect(store.commit([change(roomChange('a', 0))])).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    })
  })
}

/** The first event whose number or hash does not follow, or null. */
function findBreak(
  before: { count: number; hash: string },
  events: readonly StoredEvent[],
): StoredEvent | null {
  let { count, hash: tip } = before
  for (const event of events) {
    count++
    tip = nextHash(tip, event.json)
    if (event.seq !== count || event.hash !== tip) return event
  }
  return null
}
