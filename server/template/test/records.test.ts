import { openRecord } from 'corecord/shared'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Task } from '../records.ts'

/** Two devices that meet: each gets what the other has. */
const meet = (one: Y.Doc, other: Y.Doc): void => {
  Y.applyUpdate(one, Y.encodeStateAsUpdate(other))
  Y.applyUpdate(other, Y.encodeStateAsUpdate(one))
}

test('what two people change off line merges field by field', () => {
  const [docOfAna, docOfIvan] = [new Y.Doc(), new Y.Doc()]
  const ana = openRecord(Task, docOfAna, { author: 'ana' })
  const ivan = openRecord(Task, docOfIvan, { author: 'ivan' })
  ana.set({ title: 'Order paint' })
  meet(docOfAna, docOfIvan)

  ana.set({ title: 'Order blue paint' })
  ivan.set({ state: 'doing' })
  meet(docOfAna, docOfIvan)

  expect(ana.view).toMatchObject({ title: 'Order blue paint', state: 'doing' })
  expect(ivan.view).toEqual(ana.view)
})
