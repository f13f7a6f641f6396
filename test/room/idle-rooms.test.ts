import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const heapMb = (): number => {
  for (let i = 0; i < 3; i++) collect()
  return process.memoryUsage().heapUsed / 1e6
}

const AT_ONCE = 50

/** Opened, edited by whoever edits, left; some at once. */
const visit = async (server: RoomServer, from: number, to: number, edits = true): Promise<void> => {
  for (let first = from; first < to; first += AT_ONCE) {
    const ids = Array.from({ length: AT_ONCE }, (_, i) => first + i)
    const peers = await Promise.all(
      ids.map(id => new DirectPeer(person('ana', 'office')).join(server, `ticket:${id}`)),
    )
    if (edits)
      for (const peer of peers) writerOn(peer, Ticket).set({ title: `ticket ${first}`, status: 'waiting' })
    if (edits) await server.settled()
    for (const { membership, doc } of peers) {
      membership?.leave()
      doc.destroy()
    }
  }
  server.turns.length = 0
}

it('gives back the memory of 10,000 rooms that were opened and left', async () => {
  const server = new RoomServer([Ticket], { idleBytesMax: 0 })
  await server.start()
  // What is built once (shapes, caches, the store of this test) is there before the first reading.
  await visit(server, 0, 2_000)
  server.rooms.sweep()
  expect(server.rooms.size).toBe(0)
  const before = heapMb()
  await visit(server, 0, 2_000)
  await visit(server, 2_000, 10_000, false)
  const full = heapMb()
  server.rooms.sweep()
  expect(server.rooms.size).toBe(0)
  await server.settled()
  const after = heapMb()
  console.log(`heap before ${before.toFixed(1)} MB, full ${full.toFixed(1)} MB, after ${after.toFixed(1)} MB`)
  expect(after).toBeLessThan(before * 1.2)
  await server.close()
}, 480_000)

it('keeps a room that somebody has come back to, and lets go of those that were left the longest', async () => {
  const server = new RoomServer([Ticket], { idleBytesMax: 30_000 })
  await server.start()
  await visit(server, 0, 50)
  const back = await new DirectPeer(person('ana')).join(server, 'ticket:0')
  server.rooms.sweep()
  expect(server.rooms.get('ticket:0')).toBeDefined()
  expect(server.rooms.size).toBeLessThan(50)
  expect(server.rooms.get('ticket:49')).toBeDefined()
  expect(server.rooms.get('ticket:1')).toBeUndefined()
  back.membership?.leave()
  await server.close()
})
