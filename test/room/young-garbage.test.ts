import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Sender } from '../../server/room/judging.ts'
import { FreeDoc } from '../../server/room/room-doc.ts'
import { ServerDoc } from '../../server/room/server-doc.ts'
import { person } from '../guard/guarded-room.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void

// Few enough that V8 sees no need to collect all of the heap meanwhile.
const DOCS = 100
const ROUNDS = 20

const oldBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0

/**
 * What edits leave behind in the old part of the heap, in bytes an edit. Each doc rests between two edits for as long
 * as it takes a collection of the young part to call it old.
 */
const leftByEdits = (docs: number, edit: (doc: number, update: Uint8Array) => void): number => {
  const updates: Uint8Array[] = []
  const writer = new Y.Doc()
  writer.on('update', (update: Uint8Array) => updates.push(update))
  for (let n = 0; n < ROUNDS + 5; n++) writer.getMap('m').set('field', n)
  const rounds = (from: number, to: number): void => {
    for (const update of updates.slice(from, to)) {
      for (let i = 0; i < docs; i++) edit(i, update)
      collect({ type: 'minor' })
      collect({ type: 'minor' })
    }
  }
  rounds(0, 5)
  collect()
  const before = oldBytes()
  rounds(5, ROUNDS + 5)
  return (oldBytes() - before) / (docs * ROUNDS)
}

it('an edit of a record that rested leaves next to nothing for the next full collection', () => {
  const plain = Array.from({ length: DOCS }, () => new Y.Doc())
  const byYjs = leftByEdits(DOCS, (i, update) => Y.applyUpdate(plain[i] ?? new Y.Doc(), update))

  const sender = { principal: person('ana'), clientId: 1 } as unknown as Sender
  const free = Array.from({ length: DOCS }, () => new FreeDoc(new ServerDoc()))
  const byRooms = leftByEdits(DOCS, (i, update) => {
    free[i]?.take(sender, update)
    free[i]?.apply()
  })
  console.log(`${Math.round(byYjs)} bytes an edit by Yjs alone, ${Math.round(byRooms)} as a room does it`)
  expect(byRooms).toBeLessThan(byYjs / 2)
})
