import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { mintToken } from '../../server/access/mint-token.ts'
import { Ticket } from '../../shared/index.ts'
import { buildProgram, type Running, spawnCorecord } from '../cli-process.ts'
import { freePort } from '../free-port.ts'
import { PollingTab } from './poll-client.ts'

const secret = 'a secret of more than thirty-two characters'
const KILLS = 5

let folder: string
let port: number
let running: Running

const serve = async (): Promise<void> => {
  const args = ['serve', '--port', String(port), '--host', '127.0.0.1', '--data', folder, '--limits', 'none']
  running = spawnCorecord(args, { CORECORD_SECRET: secret })
  await running.printed(/corecord serves/)
}

beforeAll(() => buildProgram())

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-kill-'))
  port = await freePort()
  await serve()
})

afterEach(async () => {
  running.child.kill('SIGKILL')
  await running.ended
  await rm(folder, { recursive: true, force: true })
})

it('what REST and push acknowledged survives each kill, and what is sent again with its key counts once', async () => {
  const url = `http://127.0.0.1:${port}`
  const token = (sub: string): Promise<string> =>
    mintToken(
      secret,
      { sub, name: sub, roles: ['dispatcher', 'technician'], lifetimeSeconds: 3_600 },
      Date.now,
    )
  const [ana, ben] = [await token('ana'), await token('ben')]
  const rest = async (method: string, path: string, body?: object, key?: string): Promise<Response> =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ana}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  await rest('POST', '/api/records/ticket', { id: '1', title: 'Boiler' })
  const acknowledged = new Set<string>()
  const tab = new PollingTab({ url, token: ben }, Ticket, '1', 'ben')
  await tab.pull()
  let unsaved: string[] = []
  let added = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const unanswered: number[] = []
    let isDead = false
    const patching = (async () => {
      for (let n = kill * 1_000; !isDead; n++) {
        try {
          const patch = { partsUsed: { add: 1 }, checks: { [`r${n}`]: { kind: 'in' } } }
          const response = await rest('PATCH', '/api/records/ticket/1', patch, `k${n}`)
          await response.json()
          expect(response.status).toBe(200)
          acknowledged.add(`r${n}`)
          added++
        } catch {
          unanswered.push(n)
        }
      }
    })()
    const pushing = (async () => {
      for (let n = kill * 1_000; !isDead; n++) {
        tab.record.log('checks').add({ kind: 'out' }, { id: `p${n}` })
        unsaved.push(`p${n}`)
        try {
          const sent = [...unsaved]
          const before = tab.saved
          await tab.pushAll()
          if (tab.saved === before) continue
          for (const id of sent) acknowledged.add(id)
          unsaved = unsaved.filter(id => !sent.includes(id))
        } catch {
          // It stays unsaved, and goes with the next.
        }
      }
    })()
    while (acknowledged.size < kill * 40) await new Promise(resolve => setImmediate(resolve))
    running.child.kill('SIGKILL')
    await running.ended
    isDead = true
    await Promise.all([patching, pushing])
    await serve()
    for (const n of unanswered) {
      // Nobody knows whether it arrived: sent twice more, it counts once.
      const patch = { partsUsed: { add: 1 }, checks: { [`r${n}`]: { kind: 'in' } } }
      for (let again = 0; again < 2; again++)
        expect((await rest('PATCH', '/api/records/ticket/1', patch, `k${n}`)).status).toBe(200)
      acknowledged.add(`r${n}`)
      added++
    }
    const answer = await rest('GET', '/api/records/ticket/1')
    const { record } = (await answer.json()) as { record: { partsUsed: number; checks: { id: string }[] } }
    const there = new Set(record.checks.map(({ id }) => id))
    expect(
      [...acknowledged].filter(id => !there.has(id)),
      `after kill ${kill}`,
    ).toEqual([])
    expect(record.partsUsed, `after kill ${kill}`).toBe(added)
  }
})
