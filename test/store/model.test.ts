import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LevelStore } from '../../server/store/level-store.ts'
import { MemoryStore } from './memory-store.ts'
import type { Change, NewEpoch, RoomChange, Store } from '../../server/store/store.ts'
import { roomChange } from './contract.ts'

const rooms = ['ticket:1', 'ticket:2', 'ticket:10', 'free', 'free~x']

/** How a room is changed; what it is judged against is filled in when it is its turn. */
interface Step {
  readonly room: string
  readonly kind: 'edit' | 'remove' | 'purge' | 'fold' | 'restore'
  readonly isStale: boolean
  readonly status: number
  readonly events: number
}

type Action =
  | { readonly do: 'commit'; readonly changes: readonly (readonly Step[])[] }
  | { readonly do: 'compact'; readonly room: string; readonly back: number }
  | { readonly do: 'foldEvents'; readonly limit: number }
  | { readonly do: 'reopen' }

const step: fc.Arbitrary<Step> = fc.record({
  room: fc.constantFrom(...rooms),
  kind: fc.constantFrom('edit', 'edit', 'edit', 'edit', 'remove', 'purge', 'fold', 'restore'),
  isStale: fc.integer({ min: 0, max: 9 }).map(n => n === 0),
  status: fc.integer({ min: 0, max: 3 }),
  events: fc.integer({ min: 0, max: 2 }),
})

const steps = fc.uniqueArray(step, { selector: ({ room }) => room, minLength: 1, maxLength: 2 })

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('commit'), changes: fc.array(steps, { maxLength: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('compact'),
      room: fc.constantFrom(...rooms),
      back: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('foldEvents'), limit: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen') }) },
)

/** What a room layer knows: where each room stands. */
class Rooms {
  readonly #commits = new Map<string, number>()
  readonly #epochs = new Map<string, number>()
  #n = 0

  commitOf(room: string): number {
    return this.#commits.get(room) ?? 0
  }

  toChange(parts: readonly Step[]): Change {
    const isStale = parts.some(part => part.isStale)
    const changes = parts.map(part => this.#toRoomChange(part))
    if (isStale) return { rooms: changes.map(change => ({ ...change, expect: change.expect + 7 })) }
    for (const { room, expect: expected, newEpoch } of changes) {
      this.#commits.set(room, expected + 1)
      if (newEpoch) this.#epochs.set(room, (this.#epochs.get(room) ?? 0) + 1)
    }
    return {
      rooms: changes,
      values: [{ space: 'last', key: changes[0]?.room ?? '', value: String(this.#n) }],
    }
  }

  #toRoomChange({ room, kind, status, events }: Step): RoomChange {
    const n = ++this.#n
    const expected = this.commitOf(room)
    const epoch = this.#epochs.get(room) ?? 0
    const id = room.slice(room.indexOf(':') + 1)
    const isTyped = room.includes(':')
    const change = roomChange(room, expected, {
      epoch: `e${epoch}`,
      at: n,
      updates: kind === 'edit' ? [Uint8Array.of(n & 255, status)] : [],
      owners: [{ clientId: n, userId: `u${status}` }],
      events: Array.from({ length: events }, (_, i) => `"${n}/${i}"`),
      ...(isTyped && kind === 'edit' ? { row: { id, json: `{"n":${n}}` } } : {}),
      ...(kind === 'remove' ? { state: 'removed', ...(isTyped && { row: null }) } : {}),
    })
    if (expected === 0 || kind === 'edit' || kind === 'remove') return change
    const ended = ({ purge: 'purged', fold: 'folded', restore: 'restored' } as const)[kind]
    const newEpoch: NewEpoch = {
      epoch: `e${epoch + 1}`,
      ended,
      clocks: new Map([[n - 1, n]]),
      content: kind === 'restore' ? null : Uint8Array.of(9, n & 255),
    }
    return { ...change, newEpoch }
  }
}

const plain = (bytes: Uint8Array | null | undefined): number[] | null => (bytes ? [...bytes] : null)

/** Everything that can be read, cursors aside: they are opaque. */
async function allOf(store: Store): Promise<unknown> {
  const stored = await Promise.all(rooms.map(room => store.loadRoom(room)))
  const chains = await Promise.all(rooms.map(room => store.readRecordEvents(room, { limit: 99 })))
  const log = await store.readEvents(null, 999)
  return {
    rooms: stored.map(
      room =>
        room && {
          ...room,
          snapshot: plain(room.snapshot),
          log: room.log.map(plain),
          owners: [...room.owners].sort((a, b) => a[0] - b[0]),
          earlierEpochs: room.earlierEpochs.map(e => ({
            ...e,
            clients: [...e.clients].sort((a, b) => a[0] - b[0]),
          })),
        },
    ),
    heads: await store.readHeads({ limit: 99 }),
    rows: await store.readRows('ticket', { limit: 99 }),
    chains: chains.map(({ events, folded }) => ({
      folded,
      events: events.map(({ cursor: _, ...rest }) => rest),
    })),
    log: log.events.map(({ cursor: _, ...rest }) => rest),
    values: await store.readValues('last', { limit: 99 }),
  }
}

async function run(actions: readonly Action[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-model-'))
  const model = new MemoryStore()
  let level = new LevelStore({ folder, standingsMax: 2 })
  await model.open()
  await level.open()
  const known = new Rooms()
  try {
    for (const next of actions) {
      if (next.do === 'commit') {
        const changes = next.changes.map(parts => known.toChange(parts))
        const [a, b] = await Promise.all([model.commit(changes), level.commit(changes)])
        expect(b.map(({ saved }) => saved)).toEqual(a.map(({ saved }) => saved))
      } else if (next.do === 'compact') {
        const upTo = known.commitOf(next.room) - next.back
        const snapshot = Uint8Array.of(5, upTo & 255)
        const [a, b] = await Promise.all(
          [model, level].map(store => store.compactRoom(next.room, snapshot, upTo)),
        )
        expect(b).toEqual(a)
      } else if (next.do === 'foldEvents') {
        const stores = [model, level]
        const folded = await Promise.all(
          stores.map(async store => store.foldEvents(await store.eventCursor(), next.limit)),
        )
        expect(folded[1]).toBe(folded[0])
      } else {
        await level.close()
        level = new LevelStore({ folder, standingsMax: 2 })
        await level.open()
      }
      expect(await allOf(level)).toEqual(await allOf(model))
    }
    // The bytes in it are no Yjs updates, and a record may begin without a row; all else must fit.
    for await (const { code, sentence } of level.verify()) {
      expect({ code, sentence }).toMatchObject({
        code: expect.stringMatching(/^((UPDATE|SNAPSHOT)_DAMAGED|ROW_MISSING)$/),
      })
    }
  } finally {
    await level.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

it('LevelDB answers as the model does after every step of any history', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 25 }), run), { numRuns: 60 })
}, 300_000)
