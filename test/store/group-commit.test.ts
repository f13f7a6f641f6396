import { beforeEach, describe, expect, it } from 'vitest'
import { type CommitAttempt, GroupCommit } from '../../server/store/group-commit.ts'
import { MemoryStore } from './memory-store.ts'
import type { Change, ChangeOutcome, Store } from '../../server/store/store.ts'
import { StoreError } from '../../server/store/store-error.ts'
import { bytes, change, roomChange } from './contract.ts'
import { FailingStore } from './failing-store.ts'
import { HandClock, settled } from './hand-clock.ts'

/** A store whose commits end when the test lets them. */
class GatedStore implements Pick<Store, 'commit'> {
  readonly batches: (readonly Change[])[] = []
  #gates: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  async commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    this.batches.push(batch)
    await new Promise<void>((resolve, reject) => this.#gates.push({ resolve, reject }))
    return batch.map(() => ({ saved: true, heads: [], events: [] }))
  }

  async release(): Promise<void> {
    this.#gates.shift()?.resolve()
    await settled()
  }

  async refuse(error: Error): Promise<void> {
    this.#gates.shift()?.reject(error)
    await settled()
  }
}

const edit = (room: string, expect = 0): Change => change(roomChange(room, expect, { updates: [bytes(1)] }))

describe('joining changes', () => {
  let clock: HandClock
  let store: GatedStore

  beforeEach(() => {
    clock = new HandClock()
    store = new GatedStore()
  })

  const sizes = (): number[] => store.batches.map(batch => batch.length)

  it('commits all changes of one turn together, when the turn ends', async () => {
    const commit = new GroupCommit(store, { time: clock })
    for (const room of ['a', 'b', 'c']) void commit.submit(edit(room))
    await settled()
    expect(sizes()).toEqual([])
    await clock.turn()
    expect(sizes()).toEqual([3])
  })

  it('commits what came during a commit together, as soon as that is done', async () => {
    const commit = new GroupCommit(store, { time: clock })
    void commit.submit(edit('a'))
    await clock.turn()
    for (const room of ['b', 'c']) void commit.submit(edit(room))
    await clock.turn()
    void commit.submit(edit('d'))
    expect(sizes()).toEqual([1])
    await store.release()
    expect(sizes()).toEqual([1, 3])
    expect(commit.depth).toBe(3)
  })

  it('resolves in the order of submits', async () => {
    const commit = new GroupCommit(store, { time: clock })
    const order: string[] = []
    for (const room of ['a', 'b', 'c']) void commit.submit(edit(room)).then(() => order.push(room))
    await clock.turn()
    await store.release()
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('keeps a batch within bounds, in order', async () => {
    const commit = new GroupCommit(store, { time: clock, batchMax: 2 })
    for (const room of ['a', 'b', 'c', 'd', 'e']) void commit.submit(edit(room))
    await clock.turn()
    await store.release()
    await store.release()
    expect(store.batches.map(batch => batch.map(({ rooms }) => rooms[0]?.room))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ])
  })

  it('flushes what was submitted before, not what comes after', async () => {
    const commit = new GroupCommit(store, { time: clock })
    void commit.submit(edit('a'))
    let isFlushed = false
    void commit.flush().then(() => {
      isFlushed = true
    })
    await clock.turn()
    void commit.submit(edit('b'))
    expect(isFlushed).toBe(false)
    await store.release()
    expect(isFlushed).toBe(true)
    expect(commit.depth).toBe(1)
  })

  it('drains on close, and takes nothing more', async () => {
    const commit = new GroupCommit(store, { time: clock })
    const saved = commit.submit(edit('a'))
    const closed = commit.close()
    await expect(commit.submit(edit('b'))).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await clock.turn()
    await store.release()
    await closed
    expect((await saved).saved).toBe(true)
    await commit.close()
    expect(clock.nextMs).toBeNull()
  })

  it('says of a disk without an answer how long it waits, though it refuses nothing', async () => {
    const told: boolean[] = []
    const commit = new GroupCommit(store, { time: clock, onSilent: isSilent => told.push(isSilent) })
    void commit.submit(edit('a'))
    await clock.turn()
    await clock.pass(4000)
    expect(commit.trouble).toBeNull()
    await clock.pass(3000)
    await clock.turn()
    expect(commit.trouble).toContain('for 7 s')
    expect(commit.waitedMs).toBe(7000)
    expect(commit.readOnly).toBeNull()
    await store.release()
    expect(told).toEqual([true, false])
    expect([commit.trouble, commit.waitedMs, clock.nextMs]).toEqual([null, 0, null])
    // It was the machine that slept: the answer lies there, and is heard in the same turn.
    void commit.submit(edit('b'))
    await clock.turn()
    await clock.pass(60_000)
    await store.release()
    await clock.turn()
    expect(told).toHaveLength(2)
  })

  it('rejects on close what a disk without an answer keeps', async () => {
    const commit = new GroupCommit(store, { time: clock })
    const lost = commit.submit(edit('a')).catch(error => error)
    await clock.turn()
    const closed = commit.close(5000)
    await clock.pass(5000)
    await closed
    expect(await lost).toMatchObject({ code: 'STORE_UNWRITABLE' })
    // What it says then is said to nobody, and nothing more is asked of it.
    await store.refuse(new StoreError('STORE_UNWRITABLE', 'no space left on device'))
    expect([sizes(), commit.readOnly, clock.nextMs]).toEqual([[1], null, null])
  })
})

describe('when the disk refuses', () => {
  let clock: HandClock
  let store: Store
  let disk: FailingStore

  beforeEach(async () => {
    clock = new HandClock()
    ;({ store, disk } = FailingStore.around(new MemoryStore()))
    await store.open()
  })

  it('resolves nothing, says why, tries again ever later, and forgets nothing', async () => {
    const reasons: (string | null)[] = []
    const attempts: CommitAttempt[] = []
    const commit = new GroupCommit(store, {
      time: clock,
      onReadOnly: reason => reasons.push(reason?.code ?? null),
      onAttempt: attempt => attempts.push(attempt),
    })
    disk.refuse()
    const outcomes: ChangeOutcome[] = []
    void commit.submit(edit('a')).then(outcome => outcomes.push(outcome))
    await clock.turn()
    expect(commit.readOnly?.code).toBe('STORE_UNWRITABLE')
    void commit.submit(edit('a', 1)).then(outcome => outcomes.push(outcome))

    const waits: (number | null)[] = []
    for (let i = 0; i < 8; i++) {
      waits.push(clock.nextMs)
      await clock.pass(clock.nextMs ?? 0)
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
    expect(outcomes).toEqual([])
    expect(attempts.every(({ ok }) => !ok)).toBe(true)

    disk.mend()
    await clock.pass(clock.nextMs ?? 0)
    expect(outcomes.map(({ saved }) => saved)).toEqual([true, true])
    expect(commit.readOnly).toBeNull()
    expect(reasons).toEqual(['STORE_UNWRITABLE', null])
    expect((await store.loadRoom('a'))?.head.commit).toBe(2)
  })

  it('begins with the first wait again after a success', async () => {
    const commit = new GroupCommit(store, { time: clock })
    for (const expected of [0, 1]) {
      disk.refuse(2)
      void commit.submit(edit('a', expected))
      await clock.turn()
      await clock.pass(100)
      expect(clock.nextMs).toBe(200)
      await clock.pass(200)
      expect(commit.depth).toBe(0)
    }
  })

  it('tries at once when it is closed, and gives up in time', async () => {
    const commit = new GroupCommit(store, { time: clock })
    disk.refuse()
    const lost = commit.submit(edit('a')).catch(error => error)
    await clock.turn()
    const closed = commit.close(3000)
    await settled()
    expect(disk.attempts).toBe(2)
    await clock.pass(3000)
    await closed
    expect(await lost).toMatchObject({ code: 'STORE_UNWRITABLE' })
    expect(clock.nextMs).toBeNull()
  })

  it('lets one change that cannot be stored fail alone', async () => {
    const commit = new GroupCommit(store, { time: clock })
    const good = commit.submit(edit('a'))
    const bad = commit.submit(edit('bad\0name')).catch((error: StoreError) => error.code)
    const after = commit.submit(edit('b'))
    await clock.turn()
    expect((await good).saved).toBe(true)
    expect(await bad).toBe('STORE_BAD_CHANGE')
    expect((await after).saved).toBe(true)
    expect(commit.readOnly).toBeNull()
    // And it goes on with what comes then.
    const next = commit.submit(edit('c'))
    await clock.turn()
    expect(commit.depth).toBe(0)
    expect((await next).saved).toBe(true)
  })

  it('asks again for what it has not taken alone, where it refuses amid changes that go one by one', async () => {
    const asked: string[][] = []
    const commit = new GroupCommit(
      {
        commit: async batch => {
          asked.push(batch.flatMap(({ rooms }) => rooms.map(({ room }) => room)))
          if (asked.length === 4) disk.refuse(1)
          return store.commit(batch)
        },
      },
      { time: clock, retryMs: { first: 100, max: 100 } },
    )
    const first = commit.submit(edit('a'))
    const bad = commit.submit(edit('bad\0name')).catch((error: StoreError) => error.code)
    const last = commit.submit(edit('b'))
    let isFlushed = false
    void commit.flush().then(() => (isFlushed = true))
    await clock.turn()
    expect([(await first).saved, await bad, commit.depth, isFlushed]).toEqual([
      true,
      'STORE_BAD_CHANGE',
      1,
      false,
    ])
    await clock.pass(100)
    expect((await last).saved).toBe(true)
    expect(asked).toEqual([['a', 'bad\0name', 'b'], ['a'], ['bad\0name'], ['b'], ['b']])
    expect([commit.depth, isFlushed]).toEqual([0, true])
  })
})
