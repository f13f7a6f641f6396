// Several people in one commit: each has an event of their own, with what they did and nothing of the others.

import { afterEach, beforeEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { type RecordEvent, toRecordEvent } from '../../server/event/event.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { openRecord, Ticket } from '../../shared/index.ts'
import { until } from '../wire/wire-server.ts'
import { EventServer } from './event-server.ts'

let server: EventServer

beforeEach(async () => {
  server = await new EventServer({ textPauseMs: 30 }).start()
})

afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
})

const eventsOf = async (room: string): Promise<RecordEvent[]> =>
  (await server.store.readRecordEvents(room, { limit: 1_000 })).events.map(toRecordEvent)

const begun = async (room: string, role: string, values: object): Promise<void> => {
  await server.writer.write(room, person('lead', role), record => record.set(values as never))
}

it('two scans in one commit are one scan each, and the status changes once', async () => {
  const room = 'trebovanje:1'
  await begun(room, 'shift_lead', { number: 'TR-1' })
  await server.writer.write(room, person('lead', 'shift_lead'), record => {
    record.list('items').add({ sku: 'A', required: 4 }, { id: 'a' })
    record.list('zaduznice').add({ worker: 'ana' }, { id: 'z' })
  })
  const scan = (user: string) =>
    server.writer.write(room, person(user, 'magacioner'), record =>
      record.log('scans').add({ item: 'a', quantity: 1 }),
    )
  await Promise.all(['ana', 'ben', 'eva'].map(scan))
  const scans = (await eventsOf(room)).filter(({ action }) => action === 'scan')
  expect(scans.map(({ by }) => by)).toEqual(['ana', 'ben', 'eva'])
  expect(new Set(scans.map(({ commit }) => commit)).size).toBe(1)
  expect(
    scans.map(({ signals }) =>
      signals.map(({ action, data }) => [action, data?.['progress'] ?? data?.['worker']]),
    ),
  ).toEqual([
    [
      ['scan', 'ana'],
      ['trebovanje_status_update', 25],
    ],
    [
      ['scan', 'ben'],
      ['trebovanje_status_update', 50],
    ],
    [
      ['scan', 'eva'],
      ['trebovanje_status_update', 75],
    ],
  ])
})

it('two claims in one commit have one winner, and the other is told in their own event', async () => {
  const room = 'ticket:1'
  await begun(room, 'dispatcher', { title: 'Boiler' })
  const claim = (user: string) =>
    server.writer.write(room, person(user, 'technician'), record => record.set({ claimedBy: user }))
  await Promise.all([claim('ana'), claim('ben')])
  const [, first, second] = await eventsOf(room)
  expect(first).toMatchObject({ by: 'ana', action: 'claimed', signals: [{ data: { claimed_by: 'ana' } }] })
  expect(second?.signals.map(({ action }) => action)).not.toContain('claimed')
  expect(second).toMatchObject({
    by: 'ben',
    commit: first?.commit,
    changes: [{ path: 'claimedBy', to: 'ben', lost: true }],
    lost: [{ by: 'ben', value: 'ben', to: { by: 'ana', value: 'ana' } }],
  })
})

it('what two devices of one person wrote in one commit is told of each: from where it began, and as lost where it does not stand', async () => {
  const room = 'ticket:1'
  await begun(room, 'dispatcher', { title: 'Boiler' })
  const sit = async () => {
    const peer = await new DirectPeer(person('ana', 'dispatcher')).join(server, room)
    await server.settled()
    return writerOn(peer, Ticket)
  }
  const [phone, desk] = [await sit(), await sit()]
  phone.set({ title: 'Phone' })
  desk.set({ title: 'Desk' })
  desk.set({ site: 'site:a' })
  desk.set({ site: 'site:b' })
  await server.settled()
  const { title } = openRecord(Ticket, server.rooms.get(room)?.guarded?.doc ?? new Y.Doc(), {
    author: 'ana',
  }).view
  const changes = (await eventsOf(room)).at(-1)?.changes ?? []
  expect(changes.filter(({ path }) => path === 'site')).toEqual([{ path: 'site', from: null, to: 'site:b' }])
  const titles = changes.filter(({ path }) => path === 'title')
  expect(titles.map(({ to, lost = false }) => [to, lost])).toEqual([
    ['Phone', title !== 'Phone'],
    ['Desk', title !== 'Desk'],
  ])
})

it('what one action wrote, and the next in the same commit wrote over, had stood, and is not told as lost', async () => {
  await begun('ticket:1', 'dispatcher', { title: 'Boiler' })
  const room = await server.rooms.open('ticket:1')
  for (const id of ['ana', 'ben'])
    room.guarded?.write({ id, name: id }, [{ path: 'title', value: `Of ${id}`, shown: 'value' }])
  const { record } = room.guarded?.endTurn(room.commit + 1) ?? {}
  room.reset('INTERNAL')
  expect(record?.authors.flatMap(({ changes }) => changes)).toMatchObject([
    { from: 'Boiler', to: 'Of ana', lost: false },
    { from: 'Of ana', to: 'Of ben', lost: false },
  ])
})

it('what several type in one text is told person by person, and makes the text in that order', async () => {
  const room = 'ticket:1'
  await begun(room, 'dispatcher', { title: 'Boiler' })
  const type = (user: string, edit: (text: Y.Text) => void) =>
    server.writer.write(room, person(user, 'technician'), record => edit(record.text('description')))
  await type('ana', text => text.insert(0, 'The boiler leaks since Monday'))
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      type('ana', text => text.insert(text.length, ` a${round}`)),
      type('ben', text => text.insert(4, `b${round} `)),
      type('eva', text => text.delete(round, 2)),
    ])
  }
  const text = server.rooms.get(room)?.guarded?.doc.getText('description').toString()
  await until(() => server.events.texts.size === 0, 'the pause')
  const told = (await eventsOf(room)).flatMap(({ by, texts = [] }) =>
    texts.map(({ delta }) => ({ by, delta })),
  )
  expect(new Set(told.map(({ by }) => by))).toEqual(new Set(['ana', 'ben', 'eva']))
  const again = new Y.Doc().getText('told')
  for (const { delta } of told) again.applyDelta([...delta])
  expect(again.toString()).toBe(text)
  const inserted = (who: string): string =>
    told
      .filter(({ by }) => by === who)
      .flatMap(({ delta }) => delta.map(op => ('insert' in op ? op.insert : '')))
      .join('')
  expect(inserted('ana')).toBe('The boiler leaks since Monday a0 a1 a2 a3 a4')
  expect(inserted('ben')).toMatch(/^[b0-9 ]+$/)
  expect(inserted('eva')).toBe('')
})
