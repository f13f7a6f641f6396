import * as Y from 'yjs'
import type { Generator, Scene, SyncClient } from './generator.ts'

export const roomNames = (stem: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${stem}-${i}`)

/** Writes so many overwrites of 20 fields into each room; gives the clients that did, still connected. */
export const populate = async (
  { Client, encUpdate, marker }: Generator,
  { dialect, url }: Scene,
  rooms: readonly string[],
  edits: number,
): Promise<readonly SyncClient[]> =>
  Promise.all(
    rooms.map(async room => {
      const client = new Client({ dialect, url, room })
      await client.ready
      const doc = new Y.Doc()
      client.ws.sock.cork()
      doc.on('update', (update: Uint8Array) => client.ws.send(encUpdate(dialect, room, update)))
      for (let n = 0; n < edits; n++) doc.getMap('m').set(`f${n % 20}`, marker('C', n + 1))
      client.ws.sock.uncork()
      await client.barrier()
      return client
    }),
  )
