import * as Y from 'yjs'
import type { OpenRecord } from '../../shared/index.ts'
import type { Ticket } from '../room/ticket.ts'
import { recordUpdates } from './guarded-room.ts'

/** Mulberry32: small, seeded, good enough to damage bytes. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const damage = (bytes: Uint8Array, random: () => number): Uint8Array => {
  const below = (n: number): number => Math.floor(random() * n)
  let out = bytes.slice()
  for (let n = 1 + below(3); n > 0; n--) {
    const at = below(out.length)
    switch (below(5)) {
      case 0:
        out[at] = below(256)
        break
      case 1:
        out[at] = (out[at] ?? 0) ^ (1 << below(8))
        break
      case 2:
        out = out.slice(0, at)
        break
      case 3:
        out = Uint8Array.from([...out.slice(0, at), below(256), ...out.slice(at)])
        break
      default:
        out = Uint8Array.from([...out.slice(0, at), ...out.slice(at + 1 + below(4))])
    }
    if (out.length === 0) return Uint8Array.of(0)
  }
  return out
}

/** One of everything: cells, entries, formats, deletions, a whole state. */
export const honestUpdates = (doc: Y.Doc, record: OpenRecord<typeof Ticket>): Uint8Array[] => {
  const updates = recordUpdates(doc, () => {
    record.set({ title: 'Boiler leaks', status: 'open' })
    record.set({ status: 'in_progress', priority: 'high', claimedBy: 'ana' })
    const id = record.list('comments').add({ body: 'It drips', mentions: ['ben'] })
    record.list('comments').set(id, { body: 'It drips a lot' })
    record.log('checks').add({ kind: 'in' })
    record.counter('partsUsed').add(3)
    record.union('tags').add('wet', 'cold')
    record.union('tags').remove('cold')
    record.text('description').insert(0, 'It drips from the valve.')
    record.text('description').format(3, 5, { bold: true })
    record.text('description').delete(0, 3)
    record.text('notes').insert(0, 'key at the neighbour’s')
    record.list('comments').remove(id)
    record.set({ quote: 12_000 })
  })
  return [...updates, Y.encodeStateAsUpdate(doc)]
}
