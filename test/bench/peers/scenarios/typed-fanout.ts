// One writer of a typed record at full speed, 49 readers: as the generator's `fanout`, with guard, row and event.

import { openRecord } from '../../../../shared/index.ts'
import * as Y from 'yjs'
import { Board } from '../board.ts'
import { loadGenerator, type Scene, sleep, type SyncClient } from '../generator.ts'

const READERS = 49
const WINDOW = 1000
const WARM = 1000
const UPDATES_MAX = 250_000

export default async ({ dialect, url, server, p }: Scene): Promise<object> => {
  const { Client, encUpdate, scan, marker } = await loadGenerator()
  const room = `board:fan${Date.now().toString(36)}`
  const { frames, bytes, doc } = writeBoard(
    update => encUpdate(dialect, room, update),
    n => marker('A', n),
  )
  await server.start({ clean: true })

  const last = new Float64Array(READERS)
  const mirrored: Uint8Array[] = []
  let delivered = 0
  let closed = 0
  const onClose = (): void => {
    closed++
  }
  const readers: SyncClient[] = []
  for (let i = 0; i < READERS; i++) {
    const onUpdate = (buffer: Buffer, start: number, end: number): void => {
      if (i === 0) mirrored.push(Uint8Array.from(buffer.subarray(start, end)))
      scan(buffer, start, end, (_, n) => {
        if (n <= (last[i] ?? 0)) return
        delivered += n - (last[i] ?? 0)
        last[i] = n
      })
    }
    readers.push(new Client({ dialect, url, room, onUpdate, onClose }))
  }
  const writer = new Client({ dialect, url, room, onClose })
  await Promise.all([...readers, writer].map(({ ready }) => ready))

  let sent = 0
  const isOver = (): boolean => sent >= frames.length || closed > 0
  const drained = async (): Promise<boolean> => {
    for (const until = performance.now() + 30_000; delivered < sent * READERS; await sleep(1))
      if (performance.now() > until || closed > 0) return false
    return true
  }
  const pump = async (until: () => boolean): Promise<void> => {
    while (!until() && !isOver()) {
      writer.ws.sock.cork()
      for (
        let burst = 0;
        burst < 100 && sent * READERS - delivered < WINDOW * READERS && !isOver();
        burst++
      ) {
        const frame = frames[sent++]
        if (frame !== undefined) writer.ws.send(frame)
      }
      writer.ws.sock.uncork()
      await new Promise(done => setImmediate(done))
    }
  }
  await pump(() => sent >= WARM)
  await drained()
  const [from, cpuFrom, start] = [delivered, server.cpu(), performance.now()]
  const endAt = start + (p.fullS ?? 6) * 1000
  await pump(() => performance.now() > endAt)
  const seconds = (performance.now() - start) / 1000
  const [made, cpu] = [delivered - from, server.cpu() - cpuFrom]
  const isComplete = await drained()
  const reached = new Y.Doc()
  for (const update of mirrored) Y.applyUpdate(reached, update)
  const record = openRecord(Board, reached, { author: 'reader' })
  const seen = Object.values(record.view).filter(value => value === marker('A', sent)).length
  for (const client of [...readers, writer]) client.close()
  doc.destroy()
  return {
    ok: isComplete && closed === 0 && seen === 1,
    update_bytes: bytes,
    full: {
      updates_per_s: Math.round(made / READERS / seconds),
      deliveries_per_s: Math.round(made / seconds),
      server_cpu_pct: Math.round((cpu / seconds) * 100),
    },
    sent,
  }
}

const writeBoard = (
  framed: (update: Uint8Array) => Buffer,
  value: (n: number) => string,
): { frames: Buffer[]; bytes: number; doc: Y.Doc } => {
  const doc = new Y.Doc()
  const frames: Buffer[] = []
  let bytes = 0
  doc.on('update', (update: Uint8Array) => {
    frames.push(framed(update))
    bytes += update.byteLength
  })
  const record = openRecord(Board, doc, { author: 'anonymous' })
  for (let n = 1; n <= UPDATES_MAX; n++) record.set({ [`f${(n - 1) % 20}`]: value(n) })
  return { frames, bytes: Math.round(bytes / UPDATES_MAX), doc }
}
