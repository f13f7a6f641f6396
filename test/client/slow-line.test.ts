// A line that is slow is not dead, and one that is dead does not say so.

import { describe, expect, it } from 'vitest'
import { Heartbeat } from '../../client/link/heartbeat.ts'
import { patientFetch } from '../../client/link/patient-fetch.ts'
import { Tuning } from '../../client/tuning.ts'
import { createClock } from '../../shared/index.ts'
import { PUSH_PULL_TYPE, readSyncAsk, writeSyncAnswer } from '../../shared/wire/push-pull.ts'
import { FakeTime } from './fake-time.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

describe('a desk', () => {
  it('comes in over a line of five seconds each way, at the first attempt', async () => {
    const office = new Office()
    const browser = office.browser()
    const tuning = new Tuning()
    tuning.delayMs = 5_000
    const tab = browser.tab(office.server.createSocket)
    const { desk } = await office.sit(browser, 'ana', { surroundings: tuning.of(tab.surroundings) })
    for (let i = 0; i < 4; i++) await office.later(5_000)
    expect(desk.status.carrier).toBe('socket')
    expect(office.server.made).toBe(1)
    await office.close()
  })

  it('waits longer for a welcome where the last one did not come in time', async () => {
    const office = new Office()
    const browser = office.browser()
    const tuning = new Tuning()
    tuning.delayMs = 9_000
    const tab = browser.tab(office.server.createSocket)
    const { desk } = await office.sit(browser, 'ana', { surroundings: tuning.of(tab.surroundings) })
    for (let i = 0; i < 14; i++) await office.later(5_000)
    expect(desk.status.carrier).toBe('socket')
    expect(office.server.made).toBe(2)
    await office.close()
  })

  it('asks at once, not at the next beat, where an edit is not answered', async () => {
    const office = new Office()
    const { desk, tab } = await office.sit(office.browser(), 'ana')
    const ticket = desk.create(Ticket, { title: 'Leak' }, { id: '1' })
    await office.quiet()
    for (const socket of tab.sockets) socket.isDead = true
    ticket.set({ title: 'Big leak' })
    await office.quiet()
    await office.later(3_000)
    await office.later(10_000)
    expect(desk.status.carrier).toBe(null)
    await office.later(2_000)
    expect(desk.status).toMatchObject({ carrier: 'socket', pending: 0 })
    await office.close()
  })
})

it('a socket is tried at once where polling finds that the server is back', async () => {
  const office = new Office()
  office.server.isDown = true
  let isBack = false
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    if (!isBack || !url.includes('/api/sync/')) throw new TypeError('no network')
    const asks = readSyncAsk(init?.body as Uint8Array) ?? []
    const records = asks.map(() => ({ kind: 'later' }) as const)
    return new Response(new Uint8Array(writeSyncAnswer({ time: office.time.now, records })), {
      headers: { 'content-type': PUSH_PULL_TYPE },
    })
  }
  const browser = office.browser()
  const { surroundings } = browser.tab(office.server.createSocket)
  const { desk } = await office.sit(browser, 'ana', { surroundings: { ...surroundings, fetch } })
  for (let i = 0; i < 30; i++) await office.later(5_000)
  const { made } = office.server
  isBack = true
  office.server.isDown = false
  while (desk.status.carrier === null) await office.later(100)
  await office.quiet()
  expect([desk.status.carrier, office.server.made]).toEqual(['socket', made + 1])
  await office.close()
})

describe('a heartbeat', () => {
  const begin = () => {
    const time = new FakeTime()
    const line = { unsentBytes: 0, pings: [] as number[], deaths: 0 }
    const heartbeat = new Heartbeat({
      clock: createClock(),
      surroundings: { after: (ms, tell) => time.after(ms, tell), monotonic: () => time.now },
      ping: n => {
        line.pings.push(n)
        line.unsentBytes += 20
        time.after(1_000, () => (line.unsentBytes -= 20))
      },
      unsentBytes: () => line.unsentBytes,
      dead: () => line.deaths++,
    })
    heartbeat.start(20_000)
    time.advance(20_000)
    return { time, line, heartbeat }
  }

  it('gives a socket up on which nothing moves', () => {
    const { time, line } = begin()
    time.advance(9_999)
    expect(line.deaths).toBe(0)
    time.advance(1)
    expect(line.deaths).toBe(1)
  })

  it('waits while something arrives', () => {
    const { time, line, heartbeat } = begin()
    for (let i = 0; i < 10; i++) {
      time.advance(9_000)
      heartbeat.heard()
    }
    expect(line.deaths).toBe(0)
    time.advance(10_000)
    expect(line.deaths).toBe(1)
  })

  it('goes on being heard by the server while it waits', () => {
    const { time, line, heartbeat } = begin()
    for (let i = 0; i < 10; i++) {
      time.advance(9_000)
      heartbeat.heard()
    }
    expect(line.pings).toEqual([1, 1, 1, 1, 1])
    expect(heartbeat.answered(1, time.now)).toBe(true)
    expect(heartbeat.answered(1, time.now)).toBe(false)
  })

  it('waits while what was sent still leaves', () => {
    const { time, line, heartbeat } = begin()
    heartbeat.stop()
    heartbeat.start(20_000)
    line.unsentBytes = 100_000
    time.advance(20_000)
    for (let i = 0; i < 10; i++) {
      line.unsentBytes -= 10_000
      time.advance(10_000)
    }
    expect(line.deaths).toBe(0)
    time.advance(10_000)
    expect(line.deaths).toBe(1)
  })

  it('waits twice as long after it gave up, and step by step less once it is answered', () => {
    const { time, line, heartbeat } = begin()
    time.advance(10_000)
    heartbeat.start(20_000)
    time.advance(20_000 + 19_999)
    expect(line.deaths).toBe(1)
    heartbeat.answered(line.pings.at(-1) ?? 0, time.now)
    expect(line.deaths).toBe(1)
    // Two round trips of this one.
    time.advance(20_000 + 39_997)
    expect(line.deaths).toBe(1)
    heartbeat.stop()
  })
})

describe('a request', () => {
  const never = (_url: string, init?: RequestInit): Promise<Response> =>
    new Promise((_, fail) => init?.signal?.addEventListener('abort', () => fail(new Error('given up'))))

  it('ends on a line that died in silence, the later the more it has to send', async () => {
    const time = new FakeTime()
    const surroundings = { fetch: never, after: time.after.bind(time) }
    const ends: string[] = []
    const note = (name: string) => (): void => void ends.push(name)
    void patientFetch(surroundings, '/small', {}).catch(note('small'))
    void patientFetch(surroundings, '/large', { body: new Uint8Array(60_000) }).catch(note('large'))
    time.advance(30_000)
    await expect.poll(() => ends).toEqual(['small'])
    time.advance(60_000)
    await expect.poll(() => ends).toEqual(['small', 'large'])
    expect(time.waiting).toBe(0)
  })

  it('takes an answer that trickles in', async () => {
    const time = new FakeTime()
    let pieces = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          time.advance(20_000)
          if (++pieces > 5) controller.close()
          else controller.enqueue(new Uint8Array([pieces]))
        },
      },
      { highWaterMark: 0 },
    )
    const fetch = (): Promise<Response> =>
      Promise.resolve(new Response(body, { status: 201, headers: { etag: 'x' } }))
    const answer = await patientFetch({ fetch, after: time.after.bind(time) }, '/', {})
    expect([answer.status, answer.headers.get('etag')]).toEqual([201, 'x'])
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([1, 2, 3, 4, 5])
    expect(time.waiting).toBe(0)
  })
})
