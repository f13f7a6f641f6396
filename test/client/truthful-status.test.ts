// Three edits, and every order in which the link is lost, the server acknowledges, refuses, is killed, and comes
// back. After every step what the status says is held against what is in IndexedDB and on the server's disk.

import { describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { connect, type Desk } from '../../client/desk.ts'
import { IndexedDbStore, openIndexedDbStore } from '../../client/local/indexeddb-store.ts'
import { surroundingsHere } from '../../client/surroundings.ts'
import { EditLedger } from '../../client/record/edit-ledger.ts'
import type { LiveRecord } from '../../client/record/live-record.ts'
import { openRecord } from '../../shared/index.ts'
import { FakeServer } from './fake-server.ts'
import { FakeBrowser, fakeToken, seededRandom, settle } from './fake-surroundings.ts'
import { FakeTime } from './fake-time.ts'
import { Ticket } from './records.ts'

type Step = 'edit' | 'lose' | 'back' | 'ack' | 'deliver' | 'crash' | 'refuse' | 'jam' | 'write'
const FIELDS = ['title', 'status', 'price'] as const
const VALUES = { title: 'Leak in B2', status: 'done', price: 4200 } as const
const SENTENCE = 'only the office may set a price'

const viewOf = (doc: Y.Doc): Record<string, unknown> =>
  openRecord(Ticket, doc, { author: 'ana', id: '1' }).view as unknown as Record<string, unknown>

class Story {
  readonly time = new FakeTime()
  readonly server = new FakeServer(this.time)
  readonly browser = new FakeBrowser(this.time)
  desk!: Desk
  ticket!: LiveRecord<typeof Ticket>
  readonly written = new Set<(typeof FIELDS)[number]>()
  refusesPrice = false
  readonly #storage: 'device' | 'memory'

  constructor(storage: 'device' | 'memory') {
    this.#storage = storage
  }

  /** Commits to IndexedDB that have been asked for and not begun: its disk is slow. */
  #isJammed = false
  #jammed: (() => void)[] = []

  async begin(): Promise<void> {
    if (this.#storage === 'device') {
      const { commit } = IndexedDbStore.prototype
      const story = this
      vi.spyOn(IndexedDbStore.prototype, 'commit').mockImplementation(async function (
        this: IndexedDbStore,
        ...args
      ) {
        if (story.#isJammed) await new Promise<void>(done => story.#jammed.push(done))
        return await commit.apply(this, args)
      })
    }
    this.server.judge = update =>
      this.refusesPrice && Buffer.from(update).includes('price')
        ? { code: 'NOT_PERMITTED', paths: ['price'], sentence: SENTENCE }
        : null
    this.desk = connect({
      url: 'http://server.test',
      token: () => fakeToken('ana'),
      records: [Ticket],
      storage: this.#storage,
      surroundings: this.browser.tab(this.server.createSocket).surroundings,
    })
    await this.desk.ready
    await this.quiet()
    const made = this.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await this.quiet()
    await made.whenSaved()
    this.ticket = made
    this.server.holdsAcks = true
  }

  async quiet(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      this.server.crank()
      await settle(this.#storage === 'device' ? 6 : 1)
    }
  }

  async do(step: Step): Promise<void> {
    const { server, ticket } = this
    switch (step) {
      case 'edit': {
        const field = FIELDS.find(name => !this.written.has(name))
        if (field === undefined) return
        ticket.set({ [field]: VALUES[field] })
        this.written.add(field)
        return
      }
      case 'lose':
        server.isDown = true
        server.kill()
        return
      case 'back':
        server.isDown = false
        this.time.advance(35_000)
        return await this.quiet()
      case 'ack':
        server.ack()
        return
      case 'deliver':
        return await this.quiet()
      case 'crash':
        server.crash()
        return
      case 'refuse':
        this.refusesPrice = true
        return
      case 'jam':
        this.#isJammed = this.#storage === 'device'
        return
      case 'write':
        this.#isJammed = false
        for (const go of this.#jammed.splice(0)) go()
        return await this.quiet()
    }
  }

  /** What is said of each field, against what is so. */
  async check(after: string): Promise<void> {
    const durable = viewOf(this.server.room('ticket:1').durable)
    const kept = this.#storage === 'device' ? await this.#onDevice() : null
    const { status } = this.desk
    let unsaved = 0
    for (const field of FIELDS) {
      const { save, value } = this.ticket.field(field)
      const where = `${field} is «${save}» after ${after}`
      if (!this.written.has(field)) continue
      if (save === 'saved') expect(durable[field], where).toBe(value)
      if (save === 'on device') expect(kept?.[field], where).toBe(VALUES[field])
      if (save === 'pending' || save === 'on device') {
        unsaved++
        expect(value, where).toBe(VALUES[field])
      }
      if (save === 'refused')
        expect(
          this.desk.tray.items?.some(({ path }) => path === field),
          where,
        ).toBe(true)
    }
    expect(status.pending, `pending after ${after}`).toBeGreaterThanOrEqual(unsaved > 0 ? 1 : 0)
    if (status.sync === 'realtime') expect(unsaved, `realtime after ${after}`).toBe(0)
    expect(status.onDevice, `on device after ${after}`).toBeLessThanOrEqual(status.pending)
  }

  async #onDevice(): Promise<Record<string, unknown>> {
    const store = await openIndexedDbStore(
      this.browser.indexedDB,
      'corecord http://server.test ana',
      surroundingsHere(),
    )
    const doc = new Y.Doc()
    for (const { value } of await store.list('updates', ['ticket:1'])) Y.applyUpdate(doc, value as Uint8Array)
    await store.close()
    return viewOf(doc)
  }

  /** The server is there, answers, and goes on answering: nothing may stay on its way. */
  async end(history: string): Promise<void> {
    await this.do('write')
    await this.check(`${history} and what was to be written`)
    if (this.#storage === 'device') expect(this.desk.status.onDevice, history).toBe(this.desk.status.pending)
    this.server.holdsAcks = false
    for (let i = 0; i < 6; i++) {
      await this.do('back')
      this.server.ack()
    }
    await this.quiet()
    await this.check(`${history} and the end`)
    expect(this.desk.status.pending, history).toBe(0)
    const stored = viewOf(this.server.room('ticket:1').durable)
    for (const field of this.written) {
      const { save } = this.ticket.field(field)
      expect(['saved', 'refused'], `${field} after ${history}`).toContain(save)
      if (save === 'saved') expect(stored[field], history).toBe(VALUES[field])
      else
        expect(this.desk.tray.items, history).toMatchObject([
          { path: 'price', value: 4200, sentence: SENTENCE },
        ])
    }
    await this.desk.close()
    vi.restoreAllMocks()
  }
}

const tell = async (steps: readonly Step[], storage: 'device' | 'memory'): Promise<void> => {
  const story = new Story(storage)
  await story.begin()
  const done: Step[] = []
  for (const step of steps) {
    await story.do(step)
    done.push(step)
    await story.check(done.join(', '))
  }
  await story.end(done.join(', '))
}

/** All orders of these, equal ones not told apart. */
function* orders(left: readonly Step[]): Generator<Step[]> {
  if (left.length === 0) yield []
  for (const step of new Set(left)) {
    const rest = [...left]
    rest.splice(rest.indexOf(step), 1)
    for (const order of orders(rest)) yield [step, ...order]
  }
}

/** A test for each first step: all orders in one are long for a slow machine. */
const inEveryOrder = (holds: string, steps: readonly Step[]): void => {
  it.each([...new Set(steps)])(`${holds}, beginning with «%s»`, async first => {
    for (const order of orders(steps)) if (order[0] === first) await tell(order, 'memory')
  })
}

describe('the status of three edits', () => {
  const edits = ['edit', 'edit', 'edit'] as const
  inEveryOrder('is the truth in every order of edit, loss, acknowledgement and reconnect', [
    ...edits,
    'lose',
    'back',
    'ack',
    'deliver',
  ])
  inEveryOrder('is the truth in every order with refusal', [...edits, 'refuse', 'deliver', 'lose', 'back'])
  inEveryOrder('is the truth in every order with refusal and acknowledgement', [
    ...edits,
    'refuse',
    'ack',
    'lose',
    'back',
  ])
  inEveryOrder('is never «saved» for what a killed server loses, in every order', [
    ...edits,
    'deliver',
    'crash',
    'ack',
    'back',
  ])

  it('is «on device» for nothing that IndexedDB does not hold, in a hundred histories', async () => {
    const steps: readonly Step[] = [
      'edit',
      'edit',
      'edit',
      'lose',
      'back',
      'ack',
      'deliver',
      'crash',
      'refuse',
      'jam',
      'jam',
      'write',
    ]
    for (let seed = 1; seed <= 100; seed++) {
      const random = seededRandom(seed)
      const history = Array.from({ length: 10 }, () => steps[Math.floor(random() * steps.length)] ?? 'edit')
      await tell(history, 'device')
    }
  })
})

it('what rests on something that the server lacks is not called saved with the messages around it, but with a step 2 behind them', () => {
  const ledger = new EditLedger()
  const [first, resting, last] = ['title', 'status', 'price'].map(path => ledger.note([path], 0, 0))
  const numbers = [first, resting, last].map(edit => ledger.sent(edit?.seq ?? 0))
  ledger.pending(numbers[1] ?? 0)
  expect(ledger.saved(numbers[2] ?? 0)).toEqual([first, last])
  expect(ledger.edits).toEqual([resting])
  expect(ledger.saved(ledger.sent('all'))).toEqual([resting])
  expect(ledger.isEmpty).toBe(true)
})
