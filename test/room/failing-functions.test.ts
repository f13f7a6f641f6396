import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRecord } from '../../server/rest/read-record.ts'
import { UserWriter } from '../../server/room/user-write.ts'
import { claim, defineRecord, text } from '../../shared/index.ts'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'

/** As its author writes it who has only ever seen codes with a dash. */
const secondPart = (code: string | null): number => {
  if (code === null) return 0
  const [, second] = code.split('-')
  if (second === undefined) throw new TypeError(`no dash in ${code}`)
  return second.length
}

const Note = defineRecord('note', {
  fields: { title: text.line(), code: text.line() },
  row: t => ({ title: t.title, size: secondPart(t.code) }),
})
const Letter = defineRecord('letter', {
  fields: { to: text.line(), code: text.line() },
  row: t => ({ to: t.to, size: secondPart(t.code) }),
  access: { read: { to: claim('sub') } },
})
const Parcel = defineRecord('parcel', {
  fields: { to: text.line(), note: text.plain() },
  row: t => ({ to: t.to, size: secondPart(t.to === null ? 'nobody' : t.note || null) }),
  access: { read: { to: claim('sub') } },
})
const Rule = defineRecord('rule', {
  fields: { code: text.line(), next: text.line() },
  row: t => ({ code: t.code }),
  access: { write: { next: ({ t }) => secondPart(t.code) > 0 } },
})

describe('a function of a record type that fails at what a record holds', () => {
  let server: RoomServer
  const ana = person('ana')
  const parts = () => ({ rooms: () => server.rooms, types: server.types, nodeId: () => 1, now: Date.now })
  const open = async (room: string) => new DirectPeer(ana).join(server, room)
  beforeEach(async () => {
    server = new RoomServer([Note, Letter, Parcel, Rule])
    await server.start()
  })
  afterEach(() => server.close())

  it('for rows: the edit is saved, and lists show the fields', async () => {
    const peer = await open('note:1')
    const note = writerOn(peer, Note)
    note.set({ title: 'Order paint' })
    note.set({ code: 'none' })
    await server.settled()
    expect(peer.closed).toBeNull()
    expect(peer.savedCount).toBeGreaterThan(0)
    expect(server.rooms.get('note:1')?.row).toMatchObject({ id: '1', title: 'Order paint', code: 'none' })
    expect(server.errors).toMatchObject([{ room: 'note:1', err: { message: 'no dash in none' } }])
    note.set({ code: 'a-bc' })
    await server.settled()
    expect(server.rooms.get('note:1')?.row).toMatchObject({ title: 'Order paint', size: 2 })
  })

  it('for rows that say who may read: nothing of that turn is taken, and after it the one who wrote this is refused alone', async () => {
    const peer = await open('letter:1')
    const letter = writerOn(peer, Letter)
    letter.set({ to: 'ana' })
    await server.settled()

    letter.set({ code: 'none' })
    // Asks in the same turn, and waits for what is under way.
    const asked = readRecord(parts(), ana, 'letter:1')
    await server.settled()
    expect(peer.closed?.code).toBe('INTERNAL')
    expect((await asked).record).toMatchObject({ to: 'ana', code: null })
    expect(server.errors).toMatchObject([{ room: 'letter:1', err: { message: 'no dash in none' } }])

    const other = await open('letter:1')
    const again = await open('letter:1')
    writerOn(again, Letter).set({ code: 'none' })
    await server.settled()
    expect(again.refused).toMatchObject([
      { code: 'BAD_VALUE', paths: ['code'], sentence: expect.stringContaining('no dash in none') },
    ])
    const writer = new UserWriter(parts())
    const write = (code: string) => writer.write('letter:1', ana, record => record.set({ code }))
    await expect(write('none')).rejects.toMatchObject({ code: 'BAD_VALUE' })
    expect([other.closed, again.closed]).toEqual([null, null])
    await expect(write('a-bc')).resolves.toMatchObject({ isChanged: true })
    expect((await readRecord(parts(), ana, 'letter:1')).record).toMatchObject({ to: 'ana', code: 'a-bc' })
  })

  it('for the row of a record in which nothing stands yet: it is refused as well', async () => {
    const first = await open('parcel:1')
    writerOn(first, Parcel).set({})
    await server.settled()
    expect(first.closed?.code).toBe('INTERNAL')
    const second = await open('parcel:1')
    writerOn(second, Parcel).set({})
    await server.settled()
    expect(second.closed).toBeNull()
    expect(second.refused).toMatchObject([{ code: 'BAD_VALUE', paths: ['$created'] }])
  })

  it('for a row that reads a text: what makes it fail is refused, and what mends it is taken', async () => {
    const first = await open('parcel:1')
    const parcel = writerOn(first, Parcel)
    parcel.set({ to: 'ana' })
    parcel.text('note').insert(0, 'x')
    await server.settled()
    expect(first.closed?.code).toBe('INTERNAL')
    const [typing, other] = [await open('parcel:1'), await open('parcel:1')]
    const again = writerOn(typing, Parcel)
    again.set({ to: 'ana' })
    again.text('note').insert(0, 'x-')
    again.text('note').delete(1, 1)
    await server.settled()
    expect(typing.refused).toMatchObject([{ code: 'BAD_VALUE' }])
    expect([typing.closed, other.closed]).toEqual([null, null])
    expect((await readRecord(parts(), ana, 'parcel:1')).record).toMatchObject({ to: 'ana', note: 'x-' })
  })

  it('for a permission: the edit is refused with the reason, and the connection stays', async () => {
    const peer = await open('rule:1')
    const rule = writerOn(peer, Rule)
    rule.set({ code: 'none' })
    await server.settled()
    rule.set({ next: 'x' })
    await server.settled()
    expect(peer.closed).toBeNull()
    expect(peer.refused).toMatchObject([
      { code: 'NOT_PERMITTED', paths: ['next'], sentence: expect.stringContaining('no dash in none') },
    ])
  })
})
