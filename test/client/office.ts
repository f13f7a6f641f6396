// Desks around a fake server, for stories in Node.

import type { ConnectOptions } from '../../client/connect-options.ts'
import { connect, type Desk } from '../../client/desk.ts'
import { openRecord, type ViewOf } from '../../shared/index.ts'
import { FakeServer } from './fake-server.ts'
import { FakeBrowser, type FakeTab, fakeToken, settle } from './fake-surroundings.ts'
import { FakeTime } from './fake-time.ts'
import { Ticket } from './records.ts'

export interface Seat {
  readonly desk: Desk
  readonly tab: FakeTab
}

export class Office {
  readonly time = new FakeTime()
  readonly server = new FakeServer(this.time)
  readonly #desks: Desk[] = []
  #seeds = 0

  browser(): FakeBrowser {
    return new FakeBrowser(this.time)
  }

  async sit(browser: FakeBrowser, user: string, options: Partial<ConnectOptions> = {}): Promise<Seat> {
    const tab = browser.tab(this.server.createSocket, ++this.#seeds)
    const desk = this.connect(tab, user, options)
    await desk.ready
    await this.quiet()
    return { desk, tab }
  }

  /** As `sit`, for a desk that may take its time. */
  connect(tab: FakeTab, user: string, options: Partial<ConnectOptions> = {}): Desk {
    const desk = connect({
      url: 'http://server.test',
      token: () => fakeToken(user),
      records: [Ticket],
      surroundings: tab.surroundings,
      ...options,
    })
    this.#desks.push(desk)
    return desk
  }

  /** Everything that can happen by itself, and takes no time, has happened. */
  async quiet(): Promise<void> {
    for (let i = 0; i < 12; i++) {
      this.server.crank()
      await settle(5)
    }
  }

  goDown(): void {
    this.server.isDown = true
    this.server.kill()
  }

  async comeBack(): Promise<void> {
    this.server.isDown = false
    this.time.advance(40_000)
    await this.quiet()
  }

  async later(ms: number): Promise<void> {
    this.time.advance(ms)
    await this.quiet()
  }

  stored(id = '1'): ViewOf<typeof Ticket> {
    return openRecord(Ticket, this.server.room(`ticket:${id}`).durable, { author: 'ana', id }).view
  }

  async close(): Promise<void> {
    for (const desk of this.#desks) await desk.close()
  }
}
