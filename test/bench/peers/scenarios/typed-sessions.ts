// A typed record that many tab sessions wrote, one after the other, each under a client id of its own: what an update
// of it costs the server, against one that few sessions wrote.

import * as Y from 'yjs'
import { openRecord } from '../../../../shared/index.ts'
import { Board } from '../board.ts'
import { loadGenerator, type Scene } from '../generator.ts'

const FEW = 'board:few'
const MANY = 'board:many'
const UPDATES = 1000
/** The best of so many: what else the machine does only ever adds, and at first it compiles. */
const ROUNDS = 4

export default async ({ dialect, url, server }: Scene): Promise<object> => {
  const { Client, encUpdate, marker } = await loadGenerator()
  await server.start({ clean: true })
  for (const [room, sessions] of [
    [FEW, 10],
    [MANY, 1000],
  ] as const)
    for (let n = 0; n < sessions; n++) await session(room, 1)
  await server.idle()
  let [few, many] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < ROUNDS; round++) {
    few = Math.min(few, await session(FEW, UPDATES))
    many = Math.min(many, await session(MANY, UPDATES))
  }
  return {
    ok: true,
    server_cpu_us_per_update: { few: Math.round(few), many: Math.round(many) },
    times: many / few,
  }

  /** Somebody comes, edits and goes; gives the microseconds that an edit cost the server. */
  async function session(room: string, edits: number): Promise<number> {
    const doc = new Y.Doc()
    const take = (buffer: Buffer, start: number, end: number): void =>
      Y.applyUpdate(doc, Uint8Array.from(buffer.subarray(start, end)), 'server')
    const client = new Client({ dialect, url, room, onSync: take, onUpdate: take })
    await client.ready
    const record = openRecord(Board, doc, { author: 'anonymous' })
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') client.ws.send(encUpdate(dialect, room, update))
    })
    const before = server.cpu()
    for (let n = 0; n < edits; n++) {
      record.set({ [`f${n % 20}`]: marker('S', n + 1) })
      await client.barrier()
    }
    const spent = server.cpu() - before
    client.closeClean()
    record.close()
    doc.destroy()
    return (spent * 1e6) / edits
  }
}
