import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { openRecord } from '../../shared/index.ts'
import { freePort } from '../free-port.ts'
import { secret, tokenFor } from '../operations-server.ts'
import { until } from '../wire/wire-server.ts'
import { Ticket } from './ticket.ts'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'

// Unmodified y-websocket providers, real sockets, a whole server, and LevelDB in a folder.
let dataFolder: string
let server: CorecordServer
let port: number
let providers: WebsocketProvider[]
let children: ChildProcess[]

const serve = async (): Promise<CorecordServer> => {
  const logger = pino({ level: 'silent' })
  const started = createServer({ records: [Ticket], secret, port, dataFolder, logger })
  await started.start()
  return started
}

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'corecord-stock-'))
  port = await freePort()
  server = await serve()
  providers = []
  children = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const provider of providers) endProvider(provider)
  await server.close()
  await rm(dataFolder, { recursive: true, force: true })
})

const wsUrl = (): string => `${server.url.replace('http', 'ws')}/sync`

const connect = (token: string, doc = new Y.Doc()): WebsocketProvider => {
  const provider = stockProvider(server.url, 'ticket:1', token, doc)
  providers.push(provider)
  return provider
}

const open = async (user: string, ...roles: string[]) => {
  const provider = connect(await tokenFor(user, { roles }))
  await until(() => provider.synced, `${user} is synced`)
  const record = openRecord(Ticket, provider.doc, { author: user })
  return { provider, record, doc: provider.doc }
}

const closedBy = (provider: WebsocketProvider): Promise<{ code: number; reason: string }> =>
  new Promise(resolve => provider.on('closed', resolve))

const stored = () => server.rooms.get('ticket:1')?.guarded?.record.view

describe('stock clients of a whole server', () => {
  it('sync both ways, and come back after a restart with what they wrote meanwhile', async () => {
    const [ana, ben] = [await open('ana'), await open('ben')]
    ana.record.set({ title: 'Boiler leaks' })
    await until(() => ben.record.view.title === 'Boiler leaks', 'the title at ben')
    ben.record.text('description').insert(0, 'It drips.')
    await until(() => ana.record.view.description === 'It drips.', 'the text at ana')

    await server.close()
    await until(() => !ana.provider.wsconnected && !ben.provider.wsconnected, 'the end')
    expect(ana.provider.shouldConnect).toBe(true)
    ana.record.set({ status: 'in_progress' })
    ben.record.list('comments').add({ body: 'On my way' })
    server = await serve()
    await until(
      () =>
        [ana, ben].every(
          ({ record, provider }) =>
            provider.synced && record.view.status === 'in_progress' && record.view.comments.length === 1,
        ),
      'both edits at both',
    )
    const fresh = await open('eva')
    expect(fresh.record.view).toMatchObject({
      title: 'Boiler leaks',
      description: 'It drips.',
      status: 'in_progress',
      comments: [{ body: 'On my way', by: 'ben' }],
    })
    expect(fresh.record.conflicts).toEqual([])
  })

  it.each([
    ['shows where they are', { at: 'status' }],
    ['only looks on', null],
  ])(
    'in two windows of one browser write as two people, although one who %s has told of the other before',
    async (_, at) => {
      const windowOf = async (
        user: string,
        state: Record<string, unknown> | null,
      ): Promise<WebsocketProvider> => {
        const token = await tokenFor(user)
        const provider = stockProvider(server.url, 'ticket:1', token, new Y.Doc(), { disableBc: false })
        providers.push(provider)
        provider.awareness.setLocalState(state)
        return provider
      }
      const ana = await windowOf('ana', at)
      await until(() => ana.synced, 'ana is synced')
      const ben = await windowOf('ben', { at: 'title' })
      const ended = closedBy(ben)
      const present = () =>
        (server.rooms.get('ticket:1')?.presence?.present() ?? []).map(({ userId }) => userId)
      await until(() => ben.synced && present().includes('ben'), 'ben is here')
      expect(present().filter(user => user === 'ana')).toHaveLength(at === null ? 0 : 1)
      openRecord(Ticket, ben.doc, { author: 'ben' }).set({ title: 'Boiler leaks' })
      await Promise.race([until(() => stored()?.title === 'Boiler leaks', 'the title'), ended])
      expect(stored()?.title).toBe('Boiler leaks')
    },
  )

  it.each([
    ['none', '', 'TOKEN_MISSING'],
    ['one that has expired', 'expired', 'TOKEN_EXPIRED'],
    ['one by another secret', 'foreign', 'TOKEN_INVALID'],
  ])('with no token that counts (%s) are refused for good, and told why', async (_, kind, code) => {
    const long = 86_400_000
    const tokens: Record<string, () => Promise<string>> = {
      expired: () => mintToken(secret, { sub: 'ana', lifetimeSeconds: 60 }, () => Date.now() - long),
      foreign: () => mintToken(`another ${secret}`, { sub: 'ana', lifetimeSeconds: 60 }, Date.now),
    }
    const provider = connect((await tokens[kind]?.()) ?? '')
    const closed = await closedBy(provider)
    expect(closed).toMatchObject({ code: 4401, reason: expect.stringContaining(code) })
    expect(provider.shouldConnect).toBe(false)
    expect(provider.synced).toBe(false)
  })

  it('whose permission to read is taken away are out at once, and see and change nothing more', async () => {
    const office = await open('ana', 'office')
    office.record.set({ title: 'Boiler leaks' })
    const ben = await open('ben')
    expect(ben.record.view.title).toBe('Boiler leaks')
    const closed = closedBy(ben.provider)
    office.record.set({ site: 'site:secret' })
    expect(await closed).toMatchObject({ code: 4403, reason: expect.stringContaining('READ_ENDED') })
    office.record.set({ title: 'Very secret' })
    ben.record.set({ status: 'done' })
    await until(() => stored()?.title === 'Very secret', 'the next edit')
    expect(ben.provider.shouldConnect).toBe(false)
    expect(ben.record.view.title).toBe('Boiler leaks')
    expect(stored()?.status).toBe('open')
    // Asking again does not help either.
    const again = closedBy(ben.provider)
    ben.provider.connect()
    expect((await again).code).toBe(4403)
    expect(stored()?.status).toBe('open')
  })

  it('whose token is revoked while they are connected are out at once', async () => {
    const ana = await open('ana')
    const ben = await open('ben')
    const closed = closedBy(ben.provider)
    const answer = await fetch(`${server.url}/api/admin/revoke`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tokenFor('root', { roles: ['admin'] })}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ sub: 'ben' }),
    })
    expect(answer.status).toBe(200)
    expect(await closed).toMatchObject({ code: 4401, reason: expect.stringContaining('TOKEN_REVOKED') })
    expect(ben.provider.shouldConnect).toBe(false)
    expect(ana.provider.wsconnected).toBe(true)
  })

  it('without the permission to write are there, see everything, and are closed with the reason when they write', async () => {
    const ana = await open('ana')
    ana.record.set({ title: 'Boiler leaks' })
    const reader = await open('rita', 'reader')
    await until(() => reader.record.view.title === 'Boiler leaks', 'the title')
    reader.provider.awareness.setLocalState({ here: true })
    await until(() => ana.provider.awareness.getStates().has(reader.doc.clientID), 'her presence')
    const closed = closedBy(reader.provider)
    // What a client without our checks would send.
    openRecord(Ticket, reader.doc, { author: 'rita' }).set({ status: 'done' })
    expect(await closed).toMatchObject({ code: 4405, reason: expect.stringContaining('NOT_PERMITTED') })
    expect(stored()?.status).toBe('open')
  })

  it('whose app names another author than the token, or takes back what others may have built on, are told at once', async () => {
    const ana = await open('ana')
    ana.record.set({ title: 'Boiler leaks' })
    await until(() => stored()?.title === 'Boiler leaks', 'the title')
    const ben = await open('ben')
    const closedBen = closedBy(ben.provider)
    openRecord(Ticket, ben.doc, { author: 'ana' }).set({ status: 'done' })
    expect(await closedBen).toMatchObject({
      code: 4405,
      reason: expect.stringMatching(/^AUTHOR_MISMATCH: .*«ana».*«ben»/),
    })
    // One document for the next person who signs in.
    ana.provider.destroy()
    const next = connect(await tokenFor('eva'), ana.doc)
    const closedEva = closedBy(next)
    await until(() => next.synced, 'eva is synced')
    openRecord(Ticket, ana.doc, { author: 'eva' }).set({ status: 'done' })
    expect(await closedEva).toMatchObject({ code: 4405, reason: expect.stringMatching(/^NOT_OWNER/) })
    const dora = await open('dora')
    const cells = dora.doc.getArray('cells')
    const undos = new Y.UndoManager(cells, { trackedOrigins: new Set(['mine']) })
    dora.doc.transact(() => cells.push([['status', 'in_progress', dora.record.clock.next(), 'dora']]), 'mine')
    await until(() => stored()?.status === 'in_progress', 'the status')
    const closedDora = closedBy(dora.provider)
    undos.undo()
    expect(await closedDora).toMatchObject({ code: 4405, reason: expect.stringMatching(/^FORGED/) })
    expect(stored()).toMatchObject({ title: 'Boiler leaks', status: 'in_progress' })
  })

  it('hand on what another window of their browser has written off line, whoever sits there, and stay', async () => {
    const [ana, ben] = [await open('ana'), await open('ben')]
    ana.record.set({ title: 'Boiler leaks' })
    await until(() => ben.record.view.title === 'Boiler leaks', 'the title at ben')
    ben.provider.disconnect()
    ben.record.set({ status: 'done' })
    ana.provider.disconnect()
    // As the windows of one browser tell each other.
    Y.applyUpdate(ana.doc, Y.encodeStateAsUpdate(ben.doc), ana.provider)
    ana.provider.connect()
    await until(() => ana.provider.synced, 'ana is back')
    ana.record.set({ title: 'Boiler leaks again' })
    ben.provider.connect()
    await until(() => ana.provider.wsconnected && stored()?.status === 'done', 'what ben wrote')
    await until(() => stored()?.title === 'Boiler leaks again', 'what ana wrote')
  })

  it('are gone from presence when they say goodbye, and when their process is killed', async () => {
    const ana = await open('ana')
    const ben = await open('ben')
    const states = () => ana.provider.awareness.getStates()
    ben.provider.awareness.setLocalState({ at: 'title' })
    await until(() => states().has(ben.doc.clientID), 'ben')
    const token = await tokenFor('kim')
    const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD, wsUrl(), token], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const [line] = await once(child.stdout, 'data')
    const kim = Number(String(line))
    await until(() => states().has(kim), 'kim')
    expect(states().get(kim)).toMatchObject({ user: { id: 'kim' } })

    ben.provider.disconnect()
    await until(() => !states().has(ben.doc.clientID), 'the goodbye of ben')
    child.kill('SIGKILL')
    await until(() => !states().has(kim), 'the end of kim')
    expect([...states().keys()]).toEqual([ana.doc.clientID])
  })
})

/** A process of its own, to be killed: it says its client id once it is synced. */
const CHILD = `
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
const [url, token] = process.argv.slice(1)
const provider = new WebsocketProvider(url, 'ticket:1', new Y.Doc(), { WebSocketPolyfill: WebSocket, disableBc: true, params: { token } })
provider.awareness.setLocalState({ at: 'status' })
provider.once('sync', () => process.stdout.write(String(provider.doc.clientID)))
`
