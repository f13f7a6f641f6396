import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Colleagues } from '../server/demo/colleagues.ts'
import { fillStore } from '../server/demo/fill-store.ts'
import { presentPerson } from '../server/list/present-person.ts'
import { createRandom } from '../server/simulate/random.ts'
import { MemoryStore } from './store/memory-store.ts'
import { demoRecords } from '../shared/types/demo-records.ts'
import { buildProgram, runCorecord, spawnCorecord } from './cli-process.ts'
import { startServer } from './operations-server.ts'

it('simulated colleagues of every system sit in fields and write, and all of it passes the guard', async () => {
  const store = new MemoryStore()
  await store.open()
  await fillStore(store, { size: 300, now: Date.now() })
  const { server, log, close } = await startServer({ records: demoRecords, store })
  const { rooms } = server
  const peopleIn = (): { readonly field: string | null }[] =>
    [...rooms.values()].flatMap(room => (room.presence?.present() ?? []).map(presentPerson))
  try {
    const before = await store.eventCursor()
    const seen = new Set<string | null>()
    const colleagues = new Colleagues(server, {
      count: 11,
      // While they rest in a field, whoever looks sees them there.
      pause: async () => {
        for (const { field } of peopleIn()) seen.add(field)
      },
    })
    const types = new Set<string | undefined>()
    for (let turn = 0; turn < 66; turn++) {
      const room = await colleagues.turn(turn, createRandom(turn))
      types.add(room?.split(':')[0])
    }
    await colleagues.close()
    expect(log.filter(line => line.includes('simulated colleague'))).toEqual([])
    for (const type of ['ticket', 'trebovanje', 'availability', 'estimate', 'metre', 'bordereau'])
      expect(types).toContain(type)
    for (const field of ['status', 'items', 'slots', 'customer']) expect(seen).toContain(field)
    const { events } = await store.readEvents(before, 1_000)
    expect(events.length).toBeGreaterThan(40)
    expect(peopleIn()).toEqual([])
  } finally {
    await close()
  }
})

it('serve --demo --colleagues works, and ends with 0 when it is told to stop', async () => {
  buildProgram()
  const data = await mkdtemp(join(tmpdir(), 'corecord-colleagues-'))
  try {
    const args = [
      'serve',
      '--demo',
      '100',
      '--colleagues',
      '3',
      '--port',
      '0',
      '--app',
      'none',
      '--data',
      data,
    ]
    const served = spawnCorecord(args)
    expect(await served.printed(/"colleagues":(\d+)/)).toBe('3')
    served.child.kill('SIGTERM')
    const { code, out } = await served.ended
    expect(code, out).toBe(0)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

it('the help offers colleagues, fifty at most', async () => {
  expect((await runCorecord(['serve', '--help'])).out).toContain('--colleagues <n>')
  const { code, err } = await runCorecord(['serve', '--demo', '--colleagues', '51'])
  expect(code).toBe(2)
  expect(err).toContain('--colleagues must be a whole number from 0 to 50')
})
