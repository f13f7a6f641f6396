import { describe, expect, it } from 'vitest'
import type { Principal } from '../../server/access/principal.ts'
import { parseListAsk, plainQuery } from '../../server/list/list-ask.ts'
import { LiveLists, type Watched } from '../../server/list/live-lists.ts'
import { createRandom, type Random } from '../../server/simulate/random.ts'
import type { Row } from '../../shared/record/filter.ts'
import { HandClock } from './hand-clock.ts'
import { Job, naiveList, type RandomAsk, randomAsk, randomPerson, randomRow } from './random-query.ts'
import { ShownList } from './shown-list.ts'

/** One reader, and what it makes of what it is told. */
class Reader {
  readonly shown = new ShownList(null, 1)
  readonly person: Principal
  readonly ask: RandomAsk
  readonly behind: Row | null
  readonly #watched: Watched

  constructor(lists: LiveLists, rows: ReadonlyMap<string, Row>, random: Random) {
    this.person = randomPerson(random)
    const ask = randomAsk(random)
    // Half of those who could read on, do.
    const first = naiveList(rows.values(), ask, this.person)
    this.behind = first.hasMore && ask.limit > 0 && random.chance(0.5) ? (first.rows.at(-1) ?? null) : null
    const cursor = this.behind === null ? null : this.#cursorOf(lists, ask)
    this.ask = { ...ask, cursor }
    this.#watched = lists.watch(plainQuery(Job, parseListAsk({ ...this.ask }, 1_000), this.person), {
      delta: telling => this.shown.take({ t: 'delta', ...JSON.parse(telling.json('"id":1')) }),
    })
    this.again()
  }

  #cursorOf(lists: LiveLists, ask: RandomAsk): string | null {
    const watched = lists.watch(plainQuery(Job, parseListAsk({ ...ask }, 1_000), this.person), { delta() {} })
    const { cursor } = JSON.parse(watched.whole().json('"id":1')) as { cursor: string | null }
    watched.close()
    return cursor
  }

  again(): void {
    this.shown.take({ t: 'rows', ...JSON.parse(this.#watched.whole().json('"id":1')) })
  }

  check(rows: ReadonlyMap<string, Row>): void {
    const { rows: expected, hasMore, figures } = naiveList(rows.values(), this.ask, this.person, this.behind)
    expect(this.shown.rows).toEqual(expected)
    expect(this.shown.figures).toEqual(figures)
    if (this.ask.limit > 0) expect(this.shown.cursor !== null).toBe(hasMore)
  }

  close(): void {
    this.#watched.close()
  }
}

const startLists = async (random: Random, count: number) => {
  const clock = new HandClock()
  const rows = new Map<string, Row>()
  const lists = new LiveLists({
    types: new Map([['job', Job]]),
    store: { readRows: async () => ({ rows: [], next: null }) },
    time: clock,
    peopleIn: () => [],
    logger: { error() {} },
  })
  await lists.start()
  const commit = (id: string, row: Row | null): void => {
    if (row === null) rows.delete(id)
    else rows.set(id, row)
    lists.committed('job', id, row, 1)
  }
  for (let i = 0; i < count; i++) commit(String(i), randomRow(random, String(i), i))
  return { clock, rows, lists, commit }
}

/** Most edits touch what somebody sees; some create, some remove; some are told of together. */
const anyEdits = async (random: Random, count: number, edits: number): Promise<void> => {
  const { clock, rows, lists, commit } = await startLists(random, count)
  const readers = Array.from({ length: 10 }, () => new Reader(lists, rows, random))
  for (const reader of readers) reader.check(rows)
  for (let at = count; at < count + edits; at++) {
    const shown = random.pick(readers).shown.ids
    // Now there are more and more, now fewer and fewer.
    const isGrowing = (at - count) % 300 < 150
    const id = random.chance(isGrowing ? 0.6 : 0.05)
      ? String(at)
      : shown.length > 0 && random.chance(0.6)
        ? random.pick(shown)
        : random.pick([...rows.keys(), String(at)])
    const before = rows.get(id)
    const edited = randomRow(random, id, at)
    commit(
      id,
      random.chance(isGrowing ? 0.02 : 0.85)
        ? null
        : before && random.chance(0.5)
          ? { ...before, updated: at }
          : edited,
    )
    if (random.chance(0.7)) clock.advance(40)
    else continue
    for (const reader of readers) reader.check(rows)
    if (random.chance(0.02)) {
      const index = random.below(readers.length)
      readers[index]?.close()
      readers[index] = new Reader(lists, rows, random)
    }
    if (random.chance(0.1)) random.pick(readers).again()
  }
  for (const reader of readers) reader.close()
  expect(lists.size).toBe(0)
}

/** Edits that only move a record between those who may read it. */
const editsOfRights = async (random: Random, count: number, edits: number): Promise<void> => {
  const { clock, rows, lists, commit } = await startLists(random, count)
  const readers: Reader[] = []
  while (readers.length < 10) {
    const reader = new Reader(lists, rows, random)
    if (['ana', 'bo', 'guest'].includes(reader.person.id)) readers.push(reader)
    else reader.close()
  }
  for (let at = 0; at < edits; at++) {
    const shown = random.pick(readers).shown.ids
    const id = shown.length > 0 && random.chance(0.7) ? random.pick(shown) : String(random.below(count))
    const row = rows.get(id)
    if (row === undefined) continue
    const { site, worker } = randomRow(random, id, at)
    commit(id, { ...row, site: site ?? null, worker: worker ?? null })
    clock.advance(40)
    for (const reader of readers) reader.check(rows)
  }
}

describe.each([1, 2, 3])('ten readers with random queries over 5,000 records, seed %i', seed => {
  it('each see after every commit what a look at all rows gives', () =>
    anyEdits(createRandom(seed), 5_000, 80))

  it('agree while who may read changes with every commit', () =>
    editsOfRights(createRandom(seed + 100), 5_000, 80))
})

describe.each([11, 12, 13, 14])('ten readers with random queries over 60 records, seed %i', seed => {
  it('each see what a look at all rows gives, through lists that fill up and run empty', () =>
    anyEdits(createRandom(seed), 60, 900))

  it('agree while who may read changes with every commit', () =>
    editsOfRights(createRandom(seed + 100), 60, 400))
})
