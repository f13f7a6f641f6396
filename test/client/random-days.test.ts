// Days of two people on three devices, drawn by lot: lines are lost and come back, pages are put to sleep, closed and
// killed, devices are full, the server is killed, folds a record, refuses what is written, or all that somebody
// writes. Everything written carries a mark of its own, and in the end each mark is on the server's disk or in its
// writer's tray, once; only what somebody took back, what a killed page had not yet called «on the device», and what a
// page of a full device took along may be gone.

import { expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { connect, type Desk } from '../../client/desk.ts'
import type { LiveRecord } from '../../client/record/live-record.ts'
import type { Locks, Surroundings, TabPort } from '../../client/surroundings.ts'
import { openRecord } from '../../shared/index.ts'
import { FakeServer, type Judge } from './fake-server.ts'
import { FakeBrowser, type FakeTab, fakeToken, seededRandom, settle } from './fake-surroundings.ts'
import { FakeTime } from './fake-time.ts'
import { filled, watched } from './failing-store.ts'
import { Ticket } from './records.ts'
import { gate } from '../gate.ts'

/** Ids that are drawn by chance are drawn by the seed too, so that a day that fails once fails again. */
const chance = vi.hoisted(() => {
  const drawn = { random: Math.random }
  Object.getPrototypeOf(crypto).getRandomValues = <T extends ArrayBufferView>(into: T): T => {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    for (const i of bytes.keys()) bytes[i] = Math.floor(drawn.random() * 256)
    return into
  }
  return drawn
})

const named = process.env.CORECORD_SEED
const SEEDS = named === undefined ? Array.from({ length: 20 }, (_, i) => i + 1) : [Number(named)]
/** How many a device has open at most. */
const TABS = [1, 2, 3]
/**
 * Days on which something once came twice: another tab had put it back, and a third one forgot that; or slept while
 * the other could not write it to a full device. One on which three tabs put words of one text into the tray at once; and
 * two on which a beginning, written late, took away what a tab that had slept wrote meanwhile, or what others had of it.
 * One on which a tab sent as it woke what another had put back; one on which what was refused of a tab that was gone
 * took along what another wrote; and one on which a word that stood in for another came twice.
 */
const OTHERS =
  named === undefined
    ? ([
        [3, 2_430],
        [2, 51],
        [3, 25],
        [3, 70_027],
        [2, 70_158],
        [2, 80_080],
        [3, 70_105],
        [3, 81_203],
        [2, 500_803],
      ] as const)
    : []
const STEPS = 60

type Kind = 'item' | 'tag' | 'note' | 'stock'

interface Mark {
  readonly mark: string
  readonly kind: Kind
  readonly user: string
  readonly page: Page
  /** What its page says of it. */
  save(): string
  mayBeGone: boolean
}

class Device {
  readonly browser: FakeBrowser
  readonly user: string
  readonly name: string
  pages: Page[] = []
  isFull = false
  /** A page of it has gone while it was: what the server has of that, the device does not know. */
  wasLeftFull = false

  constructor(time: FakeTime, user: string, name: string) {
    this.browser = new FakeBrowser(time)
    this.user = user
    this.name = name
  }
}

interface Page {
  readonly device: Device
  readonly tab: FakeTab
  readonly desk: Desk
  readonly name: string
  readonly ticket: LiveRecord<typeof Ticket>
  thaw: (() => void) | null
  readonly die: () => void
}

class Days {
  readonly time = new FakeTime()
  readonly server = new FakeServer(this.time)
  readonly history: string[] = []
  readonly marks: Mark[] = []
  readonly random: () => number
  readonly devices: Device[]
  readonly #tabs: number
  #made = 0
  #takenBack = 0
  /** Who may write nothing just now. */
  #denied = ''
  #wasDenied = false
  #pages = 0
  #epochs = 1

  /** `tabs`: how many a device has open at most. */
  constructor(seed: number, tabs: number) {
    this.#tabs = tabs
    this.random = seededRandom(seed)
    this.devices = [
      new Device(this.time, 'ana', 'ana-tablet'),
      new Device(this.time, 'ana', 'ana-office'),
      new Device(this.time, 'bo', 'bo'),
    ]
    this.server.judge = this.#judge
    this.server.answersWait = true
  }

  below(n: number): number {
    return Math.floor(this.random() * n)
  }
  chance(p: number): boolean {
    return this.random() < p
  }
  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T
  }

  readonly #judge: Judge = (update, room, user) => {
    const joined = new Y.Doc()
    Y.applyUpdate(joined, Y.encodeStateAsUpdate(room.doc))
    Y.applyUpdate(joined, update)
    const { pendingStructs, pendingDs } = joined.store
    joined.destroy()
    if (pendingStructs !== null || pendingDs !== null) return 'pending'
    const isRefused = (said: string): boolean => user === this.#denied || said.includes('bad')
    const paths = new Set<string>()
    for (const struct of Y.decodeUpdate(update).structs) {
      if (!(struct instanceof Y.Item)) continue
      if (struct.content instanceof Y.ContentString) {
        if (isRefused(struct.content.str)) paths.add('notes')
      } else if (struct.content instanceof Y.ContentAny) {
        for (const cell of struct.content.arr) if (isRefused(JSON.stringify(cell))) paths.add(cell[0])
      }
    }
    return paths.size === 0
      ? null
      : { code: 'NOT_PERMITTED', paths: [...paths], sentence: 'what is bad is not taken' }
  }

  note(line: string): void {
    this.history.push(line)
  }

  async quiet(turns = 8): Promise<void> {
    for (let i = 0; i < turns; i++) {
      this.server.crank()
      await settle(5)
      this.time.advance(1)
    }
  }

  async sit(device: Device): Promise<Page> {
    const tab = device.browser.tab(this.server.createSocket, ++this.#pages)
    let isDead = false
    const ports: TabPort[] = []
    const [dead, tellDead] = gate()
    const { locks, openTabPort } = tab.surroundings
    const factory = filled(
      watched(device.browser.indexedDB, () => {
        if (isDead) throw new DOMException('dead', 'AbortError')
      }),
      () => device.isFull,
    )
    const surroundings: Surroundings = {
      ...tab.surroundings,
      indexedDB: factory,
      locks: {
        request: <T>(name: string, work: () => Promise<T>) =>
          isDead
            ? new Promise<T>(() => {})
            : (locks.request(name, () => Promise.race([work(), dead as Promise<never>])) as Promise<T>),
      } satisfies Locks,
      openTabPort: name => {
        const port = openTabPort?.(name) as TabPort
        ports.push(port)
        // What goes on in a page that was killed tells nobody anything.
        if (isDead) port.close()
        return {
          get onmessage() {
            return port.onmessage
          },
          set onmessage(hear) {
            port.onmessage = hear
          },
          postMessage(message) {
            if (!isDead) port.postMessage(message)
          },
          close: () => port.close(),
        }
      },
    }
    const desk = connect({
      url: 'http://server.test',
      token: () => fakeToken(device.user),
      records: [Ticket],
      surroundings,
    })
    await desk.ready
    await settle(5)
    const page: Page = {
      device,
      tab,
      desk,
      name: `${device.name}#${this.#pages}`,
      ticket: desk.open(Ticket, '1'),
      thaw: null,
      die: () => {
        isDead = true
        tab.isFrozen = true
        for (const port of ports) port.close()
        for (const socket of tab.sockets) {
          socket.readyState = 3
          this.server.sockets.delete(socket)
          for (const channel of socket.channels.values()) channel.room.channels.delete(channel)
        }
        for (const set of [tab.wakers, tab.cutOffs, tab.leavers, tab.lookers]) set.clear()
        tellDead()
      },
    }
    device.pages.push(page)
    await this.quiet(4)
    return page
  }

  leave(page: Page): void {
    page.device.pages = page.device.pages.filter(other => other !== page)
  }

  get pages(): Page[] {
    return this.devices.flatMap(({ pages }) => pages)
  }

  async begin(): Promise<void> {
    const first = await this.sit(this.devices[2] as Device)
    const made = first.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await this.quiet()
    await made.whenSaved()
    await this.sit(this.devices[0] as Device)
    if (this.#tabs > 1) await this.sit(this.devices[0] as Device)
    if (this.chance(0.5)) await this.sit(this.devices[1] as Device)
    await this.quiet()
  }

  edit(page: Page): void {
    const { ticket } = page
    if (ticket.state !== 'ready') return
    if (this.chance(0.12)) {
      this.takeBack(page)
      return
    }
    const kind = this.pick(['item', 'tag', 'note', 'note', 'stock'] as const)
    const isBad = kind !== 'stock' && this.chance(0.2)
    const mark = `${isBad ? 'bad' : 'm'}${++this.#made}x`
    let save: () => string
    if (kind === 'item') {
      const id = ticket.list('items').add({ name: mark })
      save = () => ticket.field(`items/${id}/name`).save
    } else if (kind === 'tag') {
      ticket.union('tags').add(mark)
      save = () => ticket.field(`tags/${mark}`).save
    } else if (kind === 'note') {
      const text = ticket.text('notes')
      const words = text.toString()
      const spaces = [0, ...[...words.matchAll(/ /g)].map(({ index }) => index + 1)]
      text.insert(this.pick(spaces), `${mark} `)
      save = () => ticket.field('notes').save
    } else {
      ticket.counter('stock').add(1)
      save = () => ticket.field('stock').save
    }
    this.marks.push({ mark, kind, user: page.device.user, page, save, mayBeGone: false })
    this.note(`${page.name} writes ${kind} ${mark}`)
  }

  /** What is gone on purpose need not be there. */
  takeBack({ ticket, name }: Page): void {
    const { items = [], tags = [], stock = 0 } = ticket.view ?? {}
    const seen = (): string => JSON.stringify([ticket.view?.items, ticket.view?.tags, ticket.view?.notes])
    const before = seen()
    const what = this.pick(['undo', 'undo', 'redo', 'item', 'tag', 'words'] as const)
    if (what === 'undo' && ticket.canUndo) ticket.undo()
    else if (what === 'redo' && ticket.canRedo) ticket.redo()
    else if (what === 'item' && items.length > 0) ticket.list('items').remove(this.pick(items).id)
    else if (what === 'tag' && tags.length > 0) ticket.union('tags').remove(this.pick(tags))
    else if (what === 'words') {
      const text = ticket.text('notes')
      const words = [...text.toString().matchAll(/(m|bad)\d+x /g)]
      if (words.length === 0) return
      const { index, 0: word } = this.pick(words)
      text.delete(index, word.length)
    } else return
    const after = seen()
    this.note(`${name} takes back by ${what}`)
    this.#takenBack += Math.abs((ticket.view?.stock ?? 0) - stock)
    for (const mark of this.marks)
      if (before.includes(mark.mark) && !after.includes(mark.mark)) mark.mayBeGone = true
  }

  /** What nothing but a full device's memory had goes with its page. */
  #leaveFull({ device, desk }: Page): void {
    // It says so until the device has taken what it could not write.
    device.wasLeftFull ||= desk.status.storage !== 'device'
    if (!device.isFull) return
    device.wasLeftFull = true
    for (const mark of this.marks) if (mark.page.device === device) mark.mayBeGone = true
  }

  async step(): Promise<void> {
    const { server } = this
    const page = this.pages.length === 0 ? null : this.pick(this.pages)
    const what = this.below(106)
    if (what < 45) {
      if (page !== null && page.thaw === null) this.edit(page)
    } else if (what < 55) {
      this.note('messages go to and fro')
      await this.quiet(1 + this.below(4))
    } else if (what < 60) {
      const ms = this.pick([20, 2_000, 6_000, 40_000])
      this.note(`${ms} ms pass`)
      await settle(20)
      this.time.advance(ms)
      await this.quiet(2)
    } else if (what < 64) {
      server.isDown = !server.isDown
      if (server.isDown) server.kill()
      this.note(server.isDown ? 'the server is away' : 'the server is back')
    } else if (what < 67) {
      server.holdsAcks = !server.holdsAcks
      if (!server.holdsAcks) server.ack()
      this.note(server.holdsAcks ? 'acknowledgements are held' : 'acknowledgements leave')
    } else if (what < 70) {
      server.crash()
      this.note('the server is killed')
    } else if (what < 74) {
      const socket = [...server.sockets].at(this.below(server.sockets.size))
      if (socket !== undefined) {
        this.note('a line is dead')
        socket.isDead = true
      }
    } else if (what < 77) {
      if (page !== null && page.thaw === null) {
        this.note(`${page.name} falls asleep`)
        page.thaw = page.device.browser.freeze(page.tab)
      }
    } else if (what < 80) {
      if (page !== null && page.thaw !== null) {
        this.note(`${page.name} wakes`)
        page.thaw()
        page.thaw = null
        await this.quiet(2)
      }
    } else if (what < 83) {
      if (page !== null && page.thaw === null) {
        this.note(`${page.name} is closed`)
        this.#leaveFull(page)
        this.leave(page)
        const closing = page.desk.close()
        await Promise.race([closing, this.quiet(6)])
      }
    } else if (what < 87) {
      if (page !== null) {
        this.note(`${page.name} is killed`)
        this.#leaveFull(page)
        for (const mark of this.marks)
          if (
            mark.page === page &&
            page.ticket.state === 'ready' &&
            ['pending', 'refused'].includes(mark.save())
          )
            mark.mayBeGone = true
        page.die()
        this.leave(page)
      }
    } else if (what < 91) {
      const device = this.pick(this.devices)
      if (device.pages.length < this.#tabs) {
        this.note(`${device.name} opens a page`)
        await this.sit(device)
      }
    } else if (what < 95) {
      const device = this.pick(this.devices)
      device.browser.skewMs = this.below(48 * 3_600_000) - 24 * 3_600_000
      this.note(`${device.name}'s clock is off by ${device.browser.skewMs}`)
    } else if (what < 98) {
      this.note('the record is folded')
      server.ack()
      const { durable } = server.room('ticket:1')
      server.restore('ticket:1', Y.encodeStateAsUpdate(durable), `e${++this.#epochs}`)
    } else if (what < 101) {
      const device = this.pick(this.devices)
      device.isFull = !device.isFull
      this.note(`${device.name} is ${device.isFull ? '' : 'not '}full`)
    } else if (what < 104) {
      this.#denied = this.pick(['', '', 'ana', 'bo'])
      this.#wasDenied ||= this.#denied !== ''
      this.note(`${this.#denied || 'nobody'} may write nothing`)
    } else if (page !== null && page.thaw === null) {
      const item = page.desk.tray.items?.[0]
      if (item !== undefined) {
        this.note(`${page.name} writes ${item.text} again`)
        void page.desk.tray.retry(item.id).catch(() => {})
        await this.quiet(2)
      }
    }
  }

  async end(): Promise<void> {
    this.note('everybody comes back')
    const { server } = this
    for (const device of this.devices) {
      device.browser.skewMs = 0
      device.isFull = false
    }
    this.#denied = ''
    server.isDown = false
    server.holdsAcks = false
    server.ack()
    for (const page of this.pages) {
      page.thaw?.()
      page.thaw = null
    }
    for (const socket of [...server.sockets]) if (socket.isDead) socket.end(1006, '')
    for (const device of this.devices) if (device.pages.length < this.#tabs) await this.sit(device)
    for (let i = 0; i < 12; i++) {
      await settle(20)
      this.time.advance(40_000)
      await this.quiet()
    }
  }

  check(): void {
    const view = openRecord(Ticket, this.server.room('ticket:1').durable, { author: 'x', id: '1' }).view
    for (const page of this.pages) {
      expect(page.desk.status.pending, `${page.name} has something unsent`).toBe(0)
      expect(page.ticket.view, `${page.name} sees what the server has`).toEqual(view)
    }
    const there = [
      ...view.items.map(({ name }) => name),
      ...view.tags,
      ...(view.notes.match(/(m|bad)\d+x/g) ?? []),
    ]
    const trays = new Map<string, string>()
    for (const device of this.devices) {
      const text = device.pages
        .flatMap(({ desk }) => desk.tray.items ?? [])
        .map(item => `${item.text} ${item.path}`)
        .join('\n')
      trays.set(device.user, `${trays.get(device.user) ?? ''}\n${text}`)
    }
    const lost: string[] = []
    const twice: string[] = []
    for (const { mark, kind, user, mayBeGone } of this.marks) {
      if (kind === 'stock') continue
      const times = there.filter(one => one === mark).length
      if (times > 1) twice.push(mark)
      if (times === 0 && !mayBeGone && trays.get(user)?.includes(mark) !== true)
        lost.push(`${mark} (${kind} of ${user})`)
    }
    const adds = this.marks.filter(({ kind }) => kind === 'stock')
    expect(lost).toEqual([])
    // Of a count, neither what is in a tray nor what was taken back has a mark.
    if (!this.#wasDenied && this.#takenBack === 0)
      expect(view.stock).toBeGreaterThanOrEqual(adds.filter(({ mayBeGone }) => !mayBeGone).length)
    if (this.devices.some(({ wasLeftFull }) => wasLeftFull)) return
    expect(twice).toEqual([])
    expect(view.stock).toBeLessThanOrEqual(adds.length + this.#takenBack)
  }
}

it.each([...TABS.flatMap(tabs => SEEDS.map(seed => [tabs, seed] as const)), ...OTHERS])(
  'nothing that was written is lost, whatever befalls (%i tabs a device, seed %i)',
  async (tabs, seed) => {
    chance.random = seededRandom(seed)
    const days = new Days(seed, tabs)
    try {
      await days.begin()
      for (let i = 0; i < STEPS; i++) await days.step()
      await days.end()
      days.check()
    } catch (error) {
      if (error instanceof Error) error.message += `\n${days.history.join('\n')}`
      throw error
    } finally {
      for (const page of days.pages) await Promise.race([page.desk.close(), settle(50)])
    }
  },
)
