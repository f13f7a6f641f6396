import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isInside } from '../../server/inbox/post-outside.ts'
import webPush from 'web-push'
import * as Y from 'yjs'
import { createServer } from '../../server/server.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import type { Change, ChangeOutcome } from '../../server/store/store.ts'
import { PushChannel } from '../../server/inbox/push-channel.ts'
import { claim, defineRecord, openRecord, ref, setOf, text } from '../../shared/index.ts'
import { Inbox } from '../../shared/types/inbox.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { until } from '../wire/wire-server.ts'
import { InboxHouse, type Who } from './inbox-house.ts'
import { MailServer } from './mail-server.ts'
import { PushService, vapidOf } from './push-service.ts'
import { gate } from '../gate.ts'

const ana: Who = { id: 'ana', name: 'Ana Ćosić', roles: ['technician'], claims: { email: 'ana@example.com' } }

/** For those who are named in it. */
const Memo = defineRecord('memo', {
  fields: { title: text.line(), watchers: setOf(ref('user')) },
  row: t => ({ watchers: t.watchers }),
  access: { read: { watchers: { contains: claim('sub') } } },
})

/** For everybody. */
const Poster = defineRecord('poster', {
  fields: { title: text.line(), for: ref('user') },
  notify: ({ after }) => [
    {
      level: 'info',
      kind: 'poster',
      several: 'posters',
      params: {},
      sentence: 'A poster',
      to: [after.for ?? ''],
    },
  ],
})

const anyEntry = {
  level: 'info',
  params: null,
  several: null,
  title: '',
  type: 'ticket',
  who: '',
  name: '',
  when: 0,
  critical: false,
  personal: true,
} as const

/** Takes no change of one room. */
class RefusingStore extends LevelStore {
  refuses: string | null = null

  override commit(batch: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    if (!batch.some(({ rooms }) => rooms.some(({ room }) => room === this.refuses)))
      return super.commit(batch)
    return Promise.reject(new Error('one record cannot be written'))
  }
}

let house: InboxHouse
let push: PushService
let mail: MailServer
let now: number

/** Long after the day on which this is read: what devices stamp ahead of the server is refused. */
const NOON = Date.parse('2031-03-04T12:00:00Z')

beforeEach(async () => {
  push = await new PushService().open()
  mail = await new MailServer().open()
  now = NOON
  house = await InboxHouse.open({
    records: [...demoRecords, Memo, Poster],
    now: () => now,
    notifications: {
      smtp: mail.url,
      mailFrom: 'Corecord <corecord@example.com>',
      publicUrl: new URL('https://work.example.com/'),
      pushInside: true,
      retryMs: [1_000, 10_000],
    },
  })
})

afterEach(async () => {
  await house.close()
  await push.close()
  await mail.close()
})

/** Nothing is left to chance: the clock is turned, and what is due then is sent. */
const pass = async (ms: number): Promise<void> => {
  await house.settled()
  now += ms
  await house.server.inbox.deliveries.run()
}

/** Ana's browser, which wants pushes. */
const phoneOf = ({ device }: Awaited<ReturnType<InboxHouse['inbox']>>) => {
  const browser = push.subscribe('/ana')
  device.record
    .list('devices')
    .add({ endpoint: browser.endpoint, keys: browser.keys, name: 'Phone' }, { id: 'phone' })
  return browser
}

const problems = async (): Promise<readonly { name: string; problem: string | null }[]> => {
  const { parts } = house.server.readiness.report()
  return parts.flatMap(({ name, problem }) => (problem === null ? [] : { name, problem }))
}

const metric = async (line: string): Promise<number> => {
  const text = await house.server.metrics.render()
  const found = text.split('\n').find(each => each.startsWith(`corecord_${line} `))
  return Number(found?.split(' ').at(-1))
}

describe('push', () => {
  it('in a name that no service could know is refused at the start, before each browser looks like one that is gone', () => {
    const [one, other] = [webPush.generateVAPIDKeys(), webPush.generateVAPIDKeys()]
    const start = (notifications: object) => () =>
      createServer({ records: demoRecords, anonymous: true, dataFolder: 'never-opened', notifications })
    for (const vapid of [
      { publicKey: one.publicKey, privateKey: other.privateKey },
      { publicKey: one.privateKey, privateKey: one.publicKey },
      { publicKey: `${one.publicKey}=`, privateKey: one.privateKey },
      { publicKey: one.publicKey, privateKey: `${one.privateKey}=` },
      { publicKey: one.publicKey, privateKey: 'A'.repeat(43) },
      { publicKey: '', privateKey: '' },
    ])
      expect(start({ vapid })).toThrow('The VAPID keys are no pair')
    for (const vapidSubject of ['ops@example.com', 'http://example.com', 'mailto:', 'https://', ''])
      expect(start({ vapidSubject })).toThrow('The VAPID subject is an address')
    for (const vapidSubject of ['mailto:ops@example.com', 'https://example.com/contact'])
      expect(start({ vapid: one, vapidSubject })).not.toThrow()
  })

  it('brings a burst of what is meant for a person as one message, encrypted for their browser, signed with our key', async () => {
    const inbox = await house.inbox(ana)
    const browser = phoneOf(inbox)
    const key = (await (await house.get('/api/inbox/push-key', ana)).json()).key
    for (const n of [1, 2, 3, 4]) {
      const ticket = await house.createTicket(`t${n}`, `Pump ${n}`)
      ticket.record.set({ assignedTo: 'ana' })
    }
    await pass(3_000)
    await push.got(1)
    const [message] = push.received
    if (message === undefined) throw new Error('nothing was pushed')
    // That they are new is told to everybody, and pushed to nobody who has not asked for it.
    expect(browser.read(message)).toEqual({
      unread: 8,
      lines: [
        expect.objectContaining({
          sentence: '4 tickets assigned to you',
          count: 4,
          room: null,
          critical: false,
        }),
      ],
      more: 0,
    })
    expect(vapidOf(message)).toEqual({
      key,
      claims: { aud: push.origin, exp: expect.any(Number), sub: 'https://work.example.com' },
    })
    expect(message.headers).toMatchObject({
      urgency: 'normal',
      ttl: '86400',
      'content-encoding': 'aes128gcm',
    })
    await pass(3_600_000)
    expect(push.received).toHaveLength(1)
    expect(await metric('deliveries_total{channel="push"}')).toBe(1)
  })

  it('speaks the language that the person chose', async () => {
    const inbox = await house.inbox(ana)
    const browser = phoneOf(inbox)
    inbox.device.record.set({ language: 'sr' })
    for (const n of [1, 2, 3]) {
      const ticket = await house.createTicket(`t${n}`, `Pump ${n}`)
      ticket.record.set({ assignedTo: 'ana', priority: n === 3 ? 'urgent' : 'normal' })
    }
    await pass(3_000)
    await push.got(1)
    const [message] = push.received
    if (message === undefined) throw new Error('nothing was pushed')
    expect(browser.read(message)).toMatchObject({
      lines: [{ sentence: '«Pump 3» je hitno', room: 'ticket:t3' }, { sentence: '3 naloga su sada vaša' }],
    })
    await pass(20_000)
    await mail.got(1)
    expect(mail.received[0]?.headers.get('subject')).toBe('«Pump 3» je hitno')
    expect(mail.received[0]?.text).toContain('Izaberite šta vam se šalje e-poštom: https://work.example.com/')
    // What the schema calls its fields, too.
    const watched = await house.createTicket('t4', 'Roof')
    watched.record.union('watchers').add('ana')
    await house.settled()
    watched.record.set({ equipment: 'R-1' })
    await pass(3_000)
    await push.got(2)
    const sentences = push.received
      .slice(1)
      .flatMap(one => (browser.read(one) as { lines: { sentence: string }[] }).lines)
      .map(({ sentence }) => sentence)
    expect(sentences).toContain('«Roof» je promenjeno: oprema')
    expect(inbox.sentences).toContain('3 tickets assigned to you')
  })

  it('leaves out what was read in the app meanwhile', async () => {
    const inbox = await house.inbox(ana)
    phoneOf(inbox)
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ assignedTo: 'ana' })
    await inbox.shows(({ unread }) => unread === 2, 'both')
    for (const { id } of inbox.items) inbox.read(id)
    await pass(3_000)
    expect(push.received).toEqual([])
    expect(house.server.inbox.deliveries.size).toBe(0)
  })

  it('goes by kind as the person chose, and waits for the end of their quiet hours', async () => {
    const inbox = await house.inbox(ana)
    const browser = phoneOf(inbox)
    inbox.device.record.list('channels').add({ push: false }, { id: 'ticket.assigned' })
    inbox.device.record.list('channels').add({ push: true }, { id: 'ticket' })
    inbox.device.record.list('channels').add({ inApp: false, push: false }, { id: 'ticket.status_changed' })
    // In Zagreb it is 13:00.
    inbox.device.record.set({ quietFrom: 13 * 60, quietTo: 14 * 60 + 30, timeZone: 'Europe/Zagreb' })
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ assignedTo: 'ana' })
    ticket.record.set({ status: 'waiting' })
    await pass(3_000)
    expect(push.received).toEqual([])
    await pass(60 * 60_000)
    expect(push.received).toEqual([])
    await pass(30 * 60_000)
    expect(push.received).toHaveLength(1)
    const [message] = push.received
    expect(message === undefined ? null : browser.read(message)).toMatchObject({
      lines: [{ sentence: 'New ticket: «Pump»', room: 'ticket:t1' }],
    })
    expect(inbox.sentences).not.toContain('«Pump»: open → waiting')
    const history = await (await house.get('/api/inbox/history?q=waiting', ana)).json()
    expect(history.items).toMatchObject([{ sentence: '«Pump»: open → waiting', read: true }])
  })

  it('brings nothing of a record that the person may not read any more when the quiet hours end', async () => {
    const inbox = await house.inbox(ana)
    const browser = phoneOf(inbox)
    inbox.device.record.set({ quietFrom: 11 * 60, quietTo: 13 * 60, timeZone: 'UTC' })
    const boss: Who = { id: 'boss', roles: ['admin'] }
    const memos = await Promise.all(['kept', 'lost'].map(id => house.open(Memo, id, boss)))
    for (const memo of memos) memo.record.union('watchers').add('ana')
    await house.settled()
    for (const memo of memos) memo.record.set({ title: 'Pay' })
    await pass(3_000)
    expect(push.received).toEqual([])
    memos[1]?.record.union('watchers').remove('ana')
    await pass(60 * 60_000)
    await push.got(1)
    expect(push.received.map(message => browser.read(message))).toMatchObject([
      { lines: [{ sentence: '«Pay» changed: title', room: 'memo:kept' }] },
    ])
    expect(house.server.inbox.deliveries.size).toBe(0)
  })

  it('goes as the person wishes by the time it goes: their quiet hours end early, a kind is not wanted any more', async () => {
    const inbox = await house.inbox(ana)
    const browser = phoneOf(inbox)
    inbox.device.record.set({ quietFrom: 11 * 60, quietTo: 20 * 60, timeZone: 'UTC' })
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ assignedTo: 'ana' })
    ticket.record.list('comments').add({ body: 'Look, Ana', mentions: ['ana'] })
    await pass(3_000)
    await pass(60_000)
    expect(push.received).toEqual([])
    inbox.device.record.list('channels').add({ push: false }, { id: 'ticket.mention' })
    inbox.device.record.set({ quietFrom: null })
    await pass(0)
    await pass(0)
    expect(push.received.map(message => browser.read(message))).toMatchObject([
      { lines: [{ sentence: '«Pump» is assigned to you' }] },
    ])
    expect(house.server.inbox.deliveries.size).toBe(0)
  })

  it('to a service that does not answer keeps no other browser and no mail waiting', async () => {
    const inbox = await house.inbox(ana)
    for (const id of ['phone', 'desk']) {
      const browser = push.subscribe(`/${id}`)
      inbox.device.record.list('devices').add({ endpoint: browser.endpoint, keys: browser.keys }, { id })
    }
    push.answers.set('/phone', 'silent')
    const begin = async (title: string): Promise<void> => {
      const ticket = await house.createTicket(title, title)
      ticket.record.set({ priority: 'urgent' })
      await house.settled()
      now += 20_000
      void house.server.inbox.deliveries.run()
    }
    await begin('Pump')
    await push.got(2)
    await begin('Roof')
    await push.got(3)
    await mail.got(2)
    expect(push.received.map(({ path }) => path).toSorted()).toEqual(['/desk', '/desk', '/phone'])
    push.hangUp()
  })

  it('fits into what a service takes, in any script', async () => {
    const keys = webPush.generateVAPIDKeys()
    const channel = new PushChannel({
      keys: () => keys,
      subject: 'mailto:corecord@example.com',
      gatherMs: 0,
      allowsInside: true,
    })
    const browser = push.subscribe('/ana')
    const entries = ['assigned', 'urgent', 'mention', 'comment_added', 'time_logged'].map((kind, i) => ({
      ...anyEntry,
      id: `${i}-0123456789abcdef`,
      line: `${i}-0123456789abcdef`,
      kind,
      sentence: i === 4 ? '🌊'.repeat(301) : '水'.repeat(400),
      room: 'ticket:01k2abcdefghijklmnopq',
    }))
    const { view } = openRecord(Inbox, new Y.Doc(), { author: 'ana' })
    const device = {
      id: 'phone',
      by: 'ana',
      at: 0,
      endpoint: browser.endpoint,
      keys: browser.keys,
      name: null,
    }
    const message = {
      target: 'phone',
      person: undefined,
      view: { ...view, devices: [device] },
      isDigest: false,
    }
    expect(await channel.deliver({ ...message, entries })).toEqual({ kind: 'delivered' })
    const [pushed] = push.received
    if (pushed === undefined) throw new Error('nothing was pushed')
    expect(pushed.body.length).toBeLessThanOrEqual(4096)
    const { lines, more } = browser.read(pushed) as { lines: { sentence: string }[]; more: number }
    expect([lines.length, more]).toEqual([3, 2])
    expect(lines[0]?.sentence).toBe(`${'🌊'.repeat(299)}…`)
  })

  it('forgets a browser that has unsubscribed, and goes on with the other', async () => {
    const inbox = await house.inbox(ana)
    for (const id of ['phone', 'desk']) {
      const browser = push.subscribe(`/${id}`)
      inbox.device.record.list('devices').add({ endpoint: browser.endpoint, keys: browser.keys }, { id })
    }
    push.answers.set('/phone', { status: 410 })
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ assignedTo: 'ana' })
    await pass(3_000)
    await push.got(2)
    await house.settled()
    await until(() => inbox.device.record.view.devices.length === 1, 'one browser')
    expect(inbox.device.record.view.devices.map(({ id }) => id)).toEqual(['desk'])
    expect(house.server.inbox.deliveries.size).toBe(0)
    expect(await metric('deliveries_failed_total{channel="push"}')).toBe(0)
  })

  it('forgets a browser that has unsubscribed also where the commit of that fails at first', async () => {
    const stores: RefusingStore[] = []
    const other = await InboxHouse.open({ now: () => now, notifications: { pushInside: true } }, folder => {
      const store = new RefusingStore({ folder })
      stores.push(store)
      return store
    })
    try {
      const [store] = stores
      if (store === undefined) throw new Error('there is no store')
      const inbox = await other.inbox(ana)
      const { endpoint, keys } = push.subscribe('/phone')
      inbox.device.record.list('devices').add({ endpoint, keys }, { id: 'phone' })
      push.answers.set('/phone', { status: 410 })
      const ticket = await other.createTicket('t1', 'Pump')
      ticket.record.set({ assignedTo: 'ana' })
      await other.settled()
      store.refuses = 'inbox:ana'
      now += 3_000
      await other.server.inbox.deliveries.run()
      await until(() => other.log.some(line => line.includes('an inbox cannot be written yet')), 'a refusal')
      store.refuses = null
      await until(() => inbox.device.record.view.devices.length === 0, 'no browser')
    } finally {
      await other.close()
    }
  })

  it('goes no more to whose tokens were taken back, whatever everybody may read', async () => {
    const inbox = await house.inbox(ana)
    phoneOf(inbox)
    const poster = await house.open(Poster, 'p1', { id: 'dora', roles: [] })
    poster.record.set({ title: 'Party', for: 'ana' })
    await house.settled()
    expect(house.server.inbox.deliveries.size).toBe(1)
    const operator: Who = { id: 'root', roles: ['admin'] }
    expect((await house.post('/api/admin/revoke', { sub: 'ana' }, operator)).status).toBe(200)
    await pass(3_000)
    expect(house.server.inbox.deliveries.size).toBe(0)
    expect(push.received).toEqual([])
  })

  it('that was taken is not sent again, though the answer never ends', async () => {
    phoneOf(await house.inbox(ana))
    push.answers.set('/ana', 'endless')
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ assignedTo: 'ana' })
    await pass(3_000)
    expect(push.received).toHaveLength(1)
    expect(house.server.inbox.deliveries.size).toBe(0)
    expect(await metric('deliveries_total{channel="push"}')).toBe(1)
  })

  it('tries again when the service fails, as late as it asks, and gives up in the end', async () => {
    const inbox = await house.inbox(ana)
    phoneOf(inbox)
    const headers = { 'retry-after': 'Tue, 04 Mar 2031 12:00:05 GMT', date: 'Tue, 04 Mar 2031 12:00:00 GMT' }
    push.answers.set('/ana', { status: 429, headers })
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ assignedTo: 'ana' })
    await pass(3_000)
    expect(push.received).toHaveLength(1)
    await pass(4_000)
    expect(push.received).toHaveLength(1)
    push.answers.set('/ana', { status: 500 })
    await pass(1_000)
    expect(push.received).toHaveLength(2)
    await pass(10_000)
    expect(push.received).toHaveLength(3)
    await pass(3_600_000)
    expect(push.received).toHaveLength(3)
    expect(house.server.inbox.deliveries.size).toBe(0)
    expect(await metric('deliveries_failed_total{channel="push"}')).toBe(1)
    // One person's browser does not make the server unready.
    expect(await problems()).toEqual([])
    expect(inbox.sentences).toContain('«Pump» is assigned to you')
  })

  it('never goes to an address of the machine or its network, unless the operator says so', async () => {
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1'])
      expect([address, isInside(address)]).toEqual([address, true])
    for (const address of ['93.184.216.34', '2606:2800:220:1::1'])
      expect([address, isInside(address)]).toEqual([address, false])
    const closed = await InboxHouse.open({ notifications: { gatherMs: { push: 0 } } })
    try {
      const inbox = await closed.inbox(ana)
      const browser = push.subscribe('/ana')
      for (const [id, origin] of [
        ['plain', push.origin],
        ['literal', push.origin.replace('http', 'https')],
        ['named', push.origin.replace('http', 'https').replace('127.0.0.1', 'localhost')],
      ] as const)
        inbox.device.record.list('devices').add({ endpoint: `${origin}/ana`, keys: browser.keys }, { id })
      const ticket = await closed.createTicket('t1', 'Pump')
      ticket.record.set({ assignedTo: 'ana' })
      await closed.settled()
      await closed.server.inbox.deliveries.run()
      await closed.settled()
      await until(() => inbox.device.record.view.devices.length === 0, 'no browser')
      expect(push.received).toEqual([])
    } finally {
      await closed.close()
    }
  })
})

describe('mail', () => {
  it('brings what is critical over SMTP, what came together in one, with links', async () => {
    await house.meet(ana)
    const nobody: Who = { id: 'nobody', roles: [] }
    for (const [who, address] of [
      [ana, 'ana@example.com'],
      [nobody, null],
    ] as const)
      expect(await (await house.get('/api/inbox/mail', who)).json()).toEqual({ isMailed: true, address })
    for (const n of [1, 2]) {
      const ticket = await house.createTicket(`t${n}`, `Pümp ${n}`)
      ticket.record.set({ priority: 'urgent' })
    }
    await pass(20_000)
    await mail.got(1)
    expect(mail.received).toHaveLength(1)
    const [message] = mail.received
    expect(message).toMatchObject({ from: 'corecord@example.com', to: ['ana@example.com'] })
    expect(message?.headers.get('subject')).toBe('2 urgent tickets')
    expect(message?.headers.get('to')).toContain('Ana Ćosić')
    expect(message?.headers.get('auto-submitted')).toBe('auto-generated')
    expect(message?.headers.get('message-id')).toMatch(/^<[0-9a-f]{32}@example\.com>$/)
    expect(message?.text).toContain(
      '  «Pümp 2» is urgent (Dora, 4 Mar, 12:00 UTC)\n  https://work.example.com/open/ticket%3At2',
    )
    expect(await metric('deliveries_total{channel="mail"}')).toBe(1)
    await pass(3_600_000)
    expect(mail.received).toHaveLength(1)
  })

  it('that the server refuses is tried again, seen in readiness, given up in the end', async () => {
    await house.meet(ana)
    mail.refuses = { when: 'mail', code: 451 }
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ priority: 'urgent' })
    await pass(20_000)
    await pass(1_000)
    expect(await problems()).toEqual([])
    await pass(10_000)
    expect(mail.attempts).toBe(3)
    expect(await problems()).toEqual([
      { name: 'mail', problem: expect.stringMatching(/^The mail server: .*not today/) },
    ])
    expect((await fetch(new URL('/readyz', house.server.url))).status).toBe(503)
    expect(await metric('deliveries_failed_total{channel="mail"}')).toBe(1)
    expect(house.log.some(line => line.includes('a delivery is given up'))).toBe(true)
    mail.refuses = null
    await house.server.inbox.deliveries.check()
    expect(await problems()).toEqual([])
  })

  it('that the server lets in and does not take, or does not answer, is seen in readiness until one is taken', async () => {
    await house.meet(ana)
    await house.meet({ ...ana, id: 'ivo', claims: { email: 'ivo@example.com' } })
    const { deliveries } = house.server.inbox
    const problem = async () => (await problems()).map(part => part.problem)
    const [answered, answer] = gate()
    mail.hangs = answered
    mail.refuses = { when: 'mail', code: 451 }
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ priority: 'urgent' })
    await house.settled()
    now += 20_000
    const sent = deliveries.run()
    now += 121_000
    expect(await problem()).toEqual(['The mail server: it has not answered for 121 s'])
    answer()
    await sent
    expect(await problem()).toEqual([])
    await pass(1_000)
    // To log in is all that it is asked for.
    await deliveries.check()
    expect(await problem()).toEqual([expect.stringMatching(/^The mail server: .*not today/)])
    mail.refuses = null
    await pass(10_000)
    expect(mail.received).toHaveLength(2)
    expect(await problem()).toEqual([])
  })

  it('that was away is in readiness again as soon as it answers, and what waits for it goes at once', async () => {
    await house.meet(ana)
    await house.meet({ ...ana, id: 'ivo', claims: { email: 'ivo@example.com' } })
    const { deliveries } = house.server.inbox
    mail.isAway = true
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ priority: 'urgent' })
    await pass(20_000)
    await pass(1_000)
    await deliveries.check()
    expect(await problems()).toMatchObject([{ name: 'mail', problem: expect.stringContaining('away') }])
    mail.isAway = false
    await deliveries.check()
    expect(await problems()).toEqual([])
    // The clock stands.
    await deliveries.run()
    expect(mail.received.map(({ to }) => to[0]).sort()).toEqual(['ana@example.com', 'ivo@example.com'])
  })

  it('to an address that does not exist is given up at once, and says nothing of the server', async () => {
    await house.meet(ana)
    mail.refuses = { when: 'recipient', code: 550 }
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ priority: 'urgent' })
    await pass(20_000)
    expect(house.server.inbox.deliveries.size).toBe(0)
    expect(await metric('deliveries_failed_total{channel="mail"}')).toBe(1)
    expect(await problems()).toEqual([])
  })

  it('waits through a restart, with its attempts counted', async () => {
    await house.meet(ana)
    mail.refuses = { when: 'mail', code: 451 }
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ priority: 'urgent' })
    await pass(20_000)
    ticket.disconnect()
    await house.stop()
    mail.refuses = null
    await house.start()
    await house.server.inbox.deliveries.run()
    expect(mail.received).toEqual([])
    await pass(1_000)
    await mail.got(1)
    expect(mail.received.map(({ headers }) => headers.get('subject'))).toEqual(['«Pump» is urgent'])
    await pass(3_600_000)
    expect(mail.received).toHaveLength(1)
  })

  it('that does not answer is loud from the start', async () => {
    const nobody = await new MailServer().open()
    const url = nobody.url
    await nobody.close()
    const other = await InboxHouse.open({ notifications: { smtp: url } })
    try {
      const problem = () =>
        other.server.readiness.report().parts.find(({ name }) => name === 'mail')?.problem ?? null
      await until(() => problem() !== null, 'the mail server is missed')
      expect(problem()).toMatch(/^The mail server: .*ECONNREFUSED/)
    } finally {
      await other.close()
    }
  })

  it('is a digest for who wants one: once a day, of what is unread, and single only what is critical', async () => {
    const inbox = await house.inbox(ana)
    inbox.device.record.set({ digest: 'daily', digestAt: 7 * 60, timeZone: 'Europe/Zagreb' })
    inbox.device.record.list('channels').add({ mail: true }, { id: '*' })
    const ticket = await house.createTicket('t1', 'Pump')
    await house.createTicket('t2', 'Valve')
    await inbox.shows(({ unread }) => unread === 2, 'both')
    ticket.record.list('comments').add({ body: 'Coming' })
    await inbox.shows(({ unread }) => unread === 3, 'a comment')
    inbox.read(inbox.items.find(({ kind }) => kind === 'comment_added')?.id ?? '')
    await pass(60_000)
    expect(mail.received).toEqual([])
    // 12:00 in London is 13:00 in Zagreb, and seven there eighteen hours later.
    await pass(18 * 3_600_000 - 120_000)
    await house.server.inbox.digests.run()
    await pass(0)
    expect(mail.received).toEqual([])
    await pass(60_000)
    await house.server.inbox.digests.run()
    await pass(0)
    await mail.got(1)
    expect(mail.received[0]?.headers.get('subject')).toBe('2 unread')
    expect(mail.received[0]?.text).toContain('2 new tickets\n\n  New ticket: «Valve» (Dora, 4 Mar, 13:00)\n')
    expect(mail.received[0]?.text).not.toContain('Coming')
    await house.server.inbox.digests.run()
    await pass(0)
    expect(mail.received).toHaveLength(1)
    // What it has told it does not tell again every day.
    await pass(24 * 3_600_000)
    await house.server.inbox.digests.run()
    await pass(0)
    expect(mail.received).toHaveLength(1)
    await house.createTicket('t4', 'Filter')
    await pass(24 * 3_600_000)
    await house.server.inbox.digests.run()
    await pass(0)
    await mail.got(2)
    expect(mail.received[1]?.headers.get('subject')).toBe('3 unread')
    // What is not told in the app stands in no digest.
    inbox.device.record.list('channels').add({ inApp: false }, { id: 'ticket.ticket_created' })
    await house.createTicket('t3', 'Roof')
    await pass(20_000)
    await mail.got(3)
    expect(mail.received[2]?.headers.get('subject')).toBe('New ticket: «Roof»')
    expect(mail.received[2]?.headers.get('list-unsubscribe')).toBe('<https://work.example.com/settings>')
  })

  it('and a digest come also when the clock was wrong for a while', async () => {
    const inbox = await house.inbox(ana)
    now += 20 * 24 * 3_600_000
    inbox.device.record.set({ digest: 'daily', digestAt: 13 * 60, timeZone: 'UTC' })
    const ticket = await house.createTicket('t1', 'Pump')
    ticket.record.set({ priority: 'urgent' })
    await house.settled()
    now = NOON
    await pass(0)
    await mail.got(1)
    await house.server.inbox.digests.run()
    await pass(3_600_000)
    await house.server.inbox.digests.run()
    await pass(0)
    await mail.got(2)
    expect(mail.received.map(({ headers }) => headers.get('subject'))).toEqual([
      '«Pump» is urgent',
      '2 unread',
    ])
  })
})
