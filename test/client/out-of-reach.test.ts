import 'fake-indexeddb/auto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/desk.ts'
import type { SocketLike } from '../../client/surroundings.ts'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { defineRecord, ref, text } from '../../shared/index.ts'

/** Read by who it is with, and by the office. */
const Job = defineRecord('job', {
  fields: { title: text.line(), with: ref('user'), notes: text.plain() },
  row: t => ({ title: t.title, with: t.with }),
  list: { equal: ['with'] },
  access: { read: { $any: [{ with: { $claim: 'sub' } }, { $role: ['office'] }] } },
})

const secret = 'a secret of more than thirty-two characters'
let folder: string
let server: CorecordServer
let desks: Desk[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-reach-'))
  desks = []
  server = createServer({ records: [Job], secret, dataFolder: folder, port: 0, host: '127.0.0.1' })
  await server.start()
})

afterEach(async () => {
  for (const desk of desks) await desk.close()
  await server.close()
  await rm(folder, { recursive: true })
})

const tokenOf = (sub: string, roles: readonly string[], lifetimeSeconds = 3600): Promise<string> =>
  mintToken(secret, { sub, name: sub, roles: [...roles], lifetimeSeconds }, Date.now)

const sit = (sub: string, ...roles: string[]): Promise<Desk> => sitWith(() => tokenOf(sub, roles))

const sitWith = async (token: () => Promise<string>): Promise<Desk> => {
  const desk = connect({
    url: server.url,
    token,
    records: [Job],
    surroundings: {
      // The `ws` class is a WebSocket as far as a link uses one.
      createSocket: url => new WebSocket(url) as unknown as SocketLike,
      indexedDB: new IDBFactory(),
    },
  })
  desks.push(desk)
  await desk.ready
  return desk
}

it('an edit by which somebody hands a record on is saved, and says so', async () => {
  const office = await sit('olga', 'office')
  const there = office.create(Job, { title: 'Leak', with: 'ana' }, { id: '1' })
  await there.whenSaved()
  const ana = await sit('ana')
  const here = ana.open(Job, '1')
  await here.whenCurrent()
  here.set({ with: 'bo' })
  await here.whenSaved()
  await expect.poll(() => here.state).toBe('forbidden')
  expect(ana.tray.items).toEqual([])
  expect(ana.status.pending).toBe(0)
  await expect.poll(() => there.view?.with).toBe('bo')
  await here.whenSaved()
})

it('a record that comes back into reach is there again, on the screen that shows it and on the device', async () => {
  const office = await sit('olga', 'office')
  const there = office.create(Job, { title: 'Leak', with: 'ana' }, { id: '1' })
  await there.whenSaved()
  const ana = await sit('ana')
  const here = ana.open(Job, '1')
  const set = ana.keepOffline(Job, {})
  await here.whenCurrent()
  await expect.poll(() => set.have).toBe(1)
  there.set({ with: 'bo' })
  await expect.poll(() => here.state).toBe('forbidden')
  await expect.poll(() => set.of).toBe(0)
  there.set({ with: 'ana', title: 'Leak again' })
  await expect.poll(() => here.view?.title).toBe('Leak again')
  await expect.poll(() => set.have).toBe(1)
})

it('whoever is given the right to read what they have open reads it with their next token', async () => {
  const office = await sit('olga', 'office')
  await office.create(Job, { title: 'Leak', with: 'bo' }, { id: '1' }).whenSaved()
  let roles: string[] = []
  const ana = await sitWith(() => tokenOf('ana', roles, 4))
  const here = ana.open(Job, '1')
  await expect.poll(() => here.state).toBe('forbidden')
  roles = ['office']
  await expect.poll(() => here.view?.title).toBe('Leak')
})
