import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { LevelStore } from '../../server/store/level-store.ts'
import { restoreBackup } from '../../server/store/restore.ts'
import { createClock } from '../../shared/index.ts'
import { Journal } from '../../shared/record/journal.ts'
import { collectUnsent, putBack } from '../../shared/record/rebase.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import { DirectPeer, person } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

const ROOM = 'ticket:1'
let folder: string
const servers: RoomServer[] = []

const serve = async (name: string): Promise<RoomServer> => {
  const server = new RoomServer([Ticket], { store: new LevelStore({ folder: join(folder, name) }) })
  await server.start()
  servers.push(server)
  return server
}

/** A device: its doc, its journal, and the connection it has now. */
const device = async (server: RoomServer, user: string) => {
  const peer = await new DirectPeer(person(user, 'office')).join(server, ROOM)
  await server.settled()
  peer.doc.clientID = peer.membership?.info.clientId ?? 0
  const journal = new Journal(Ticket, peer.doc)
  journal.start()
  const record = new RecordOnDoc(Ticket, peer.doc, {
    author: user,
    clock: createClock(),
    onWrite: written => journal.note(written),
  })
  peer.doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
    if (transaction.local) peer.update(update)
  })
  return { peer, journal, record, epoch: peer.membership?.info.epoch ?? '' }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-backups-'))
})

afterEach(async () => {
  for (const server of servers.splice(0)) {
    expect(server.alarms).toBe(0)
    expect(server.errors).toEqual([])
    await server.close()
  }
  await rm(folder, { recursive: true, force: true })
})

it.each([
  ['had been told that all of it was saved', true],
  ['had not been told yet', false],
])(
  'a backup restored under clients that are ahead of it and %s: nothing twice, nothing lost',
  async (_, wasTold) => {
    const before = await serve('before')
    const ana = await device(before, 'ana')
    const ben = await device(before, 'ben')
    ana.record.set({ title: 'Boiler leaks' })
    ana.record.counter('partsUsed').add(2)
    ana.record.text('description').insert(0, 'It drips.')
    await before.settled()
    await before.store.backup(join(folder, 'backup'))

    // What the backup does not have: both went on, and all of it was saved.
    ana.record.counter('partsUsed').add(3)
    ana.record.set({ status: 'in_progress' })
    ana.record.text('description').insert(9, ' A lot.')
    await before.settled()
    ben.record.list('comments').add({ body: 'On my way' }, { id: 'c1' })
    ben.record.log('checks').add({ kind: 'in' }, { id: 'k1' })
    ben.record.set({ status: 'waiting' })
    await before.settled()
    expect(ana.peer.refused.concat(ben.peer.refused)).toEqual([])

    if (wasTold) {
      for (const { journal, peer } of [ana, ben]) {
        journal.savedCells(peer.doc.clientID, Number.MAX_SAFE_INTEGER)
        journal.savedTexts()
      }
    }
    await restoreBackup(join(folder, 'backup'), join(folder, 'after'))
    const after = await serve('after')
    for (const [user, old] of [
      ['ana', ana],
      ['ben', ben],
    ] as const) {
      const back = await new DirectPeer(person(user, 'office')).join(after, ROOM, { epoch: old.epoch })
      await after.settled()
      const { held, epoch, clientId } = back.membership?.info ?? {}
      expect(epoch).not.toBe(old.epoch)
      back.doc.clientID = clientId ?? 0
      const own = new Map([[old.peer.doc.clientID, 0], ...(held ?? [])])
      const unsent = collectUnsent(Ticket, old.peer.doc, own, old.journal)
      const record = new RecordOnDoc(Ticket, back.doc, { author: user, clock: createClock() })
      back.doc.on(
        'update',
        (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
          if (transaction.local) back.update(update)
        },
      )
      putBack(record, unsent)
      await after.settled()
      expect(back.refused).toEqual([])
    }
    const fresh = await new DirectPeer(person('eva')).join(after, ROOM)
    await after.settled()
    const { view, conflicts } = new RecordOnDoc(Ticket, fresh.doc, { author: 'eva' })
    expect(view).toMatchObject({
      title: 'Boiler leaks',
      status: 'waiting',
      partsUsed: 5,
      description: 'It drips. A lot.',
    })
    expect(view.comments).toMatchObject([{ id: 'c1', body: 'On my way', by: 'ben' }])
    expect(view.checks).toMatchObject([{ id: 'k1', kind: 'in' }])
    expect(conflicts).toEqual([])
  },
)

it('lets whoever has the restored state come again, and turns back whoever is ahead of it', async () => {
  const before = await serve('before')
  const ana = await device(before, 'ana')
  ana.record.set({ title: 'Boiler leaks' })
  await before.settled()
  await before.store.backup(join(folder, 'backup'))
  ana.record.set({ status: 'in_progress' })
  await before.settled()
  await restoreBackup(join(folder, 'backup'), join(folder, 'after'))
  const after = await serve('after')

  // A socket that drops is come back from with all that one has, on a stock client under any name.
  const ben = await new DirectPeer(person('ben', 'office'), 'stock').join(after, ROOM)
  await after.settled()
  const again = new DirectPeer(person('ben', 'office'), 'stock')
  Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(ben.doc))
  await again.join(after, ROOM)
  const record = new RecordOnDoc(Ticket, again.doc, { author: 'ben', clock: createClock() })
  again.doc.once('update', update => again.update(update))
  record.set({ status: 'waiting' })
  await after.settled()
  expect([ben.closed, again.closed]).toEqual([null, null])
  const eva = await new DirectPeer(person('eva')).join(after, ROOM)
  await after.settled()
  expect(new RecordOnDoc(Ticket, eva.doc, { author: 'eva' }).view).toMatchObject({
    title: 'Boiler leaks',
    status: 'waiting',
  })

  const old = new DirectPeer(person('ana', 'office'), 'stock')
  Y.applyUpdate(old.doc, Y.encodeStateAsUpdate(ana.peer.doc))
  await old.join(after, ROOM)
  await after.settled()
  expect(old.closed?.code).toBe('EPOCH_CHANGED')
})
