// What a record weighs after a long life.

import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { defineRecord, openRecord, text } from '../../shared/index.ts'

const FIELDS = Array.from({ length: 20 }, (_, i) => `field${i}`)
const Card = defineRecord('card', { fields: Object.fromEntries(FIELDS.map(name => [name, text.line()])) })

/** The bytes of the record after so many rounds in which each field is overwritten, by one after the other. */
const bytesAfter = (rounds: number, writers: number): number => {
  const docs = Array.from({ length: writers }, () => new Y.Doc())
  const records = docs.map((doc, i) => openRecord(Card, doc, { author: `user-${i}` }))
  for (const doc of docs) {
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'other')
        for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, 'other')
    })
  }
  for (let i = 0; i < rounds * FIELDS.length; i++) {
    const writer = (i + Math.floor(i / FIELDS.length)) % writers
    records[writer]?.set({ [FIELDS[i % FIELDS.length] ?? '']: 'always as long' })
  }
  const states = docs.map(doc => Y.encodeStateAsUpdate(doc))
  for (const state of states) {
    const copy = new Y.Doc()
    Y.applyUpdate(copy, state)
    expect(openRecord(Card, copy, { author: 'reader' }).view).toEqual(records[0]?.view)
  }
  return states[0]?.length ?? 0
}

it.each([1, 2, 5])('does not grow with what was overwritten, by %i people in turn', writers => {
  expect(bytesAfter(200, writers)).toBeLessThan(1.1 * bytesAfter(20, writers))
})
