import * as Y from 'yjs'
import { expect, it } from 'vitest'
import { createMe } from '../../shared/record/access.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { Pv } from '../../shared/types/construction.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { Trebovanje } from '../../shared/types/warehouse.ts'

const asSeenBy = (
  type: RecordType,
  roles: readonly string[],
  fill: (record: RecordOnDoc) => void,
): RecordOnDoc => {
  const doc = new Y.Doc()
  fill(new RecordOnDoc(type, doc, { author: 'dana', id: '1' }))
  return new RecordOnDoc(type, doc, {
    author: 'me',
    id: '1',
    me: createMe({ id: 'me', name: '', roles, claims: {} }),
  })
}

const sentence = (record: RecordOnDoc, path: string): string | null => record.locked(path)?.sentence ?? null

it('what nobody of one’s role may write is known before one tries, with the reason', () => {
  const ticket = asSeenBy(Ticket, ['technician'], record => record.set({ title: 'Door' }))
  for (const path of ['title', 'description', 'comments', 'times', 'tags', 'checks', 'partsUsed', '*'])
    expect(sentence(ticket, path)).toBe(null)
  // Of what depends on the value, the one that would pass counts: for oneself.
  for (const path of ['claimedBy', 'watchers/me']) expect(sentence(ticket, path)).toBe(null)
  expect(sentence(ticket, 'assignedTo')).toBe('only dispatcher or manager may change this')
  expect(sentence(ticket, 'number')).toBe('nobody may change this')
  expect(sentence(ticket, '')).toContain('only dispatcher or manager')
})

it('what the record’s state forbids is known too, but for the way out', () => {
  const close = (record: RecordOnDoc): void => record.set({ title: 'Door', status: 'closed' })
  const ticket = asSeenBy(Ticket, ['dispatcher'], close)
  for (const path of ['*', 'title', 'description', 'comments', 'tags'])
    expect(sentence(ticket, path)).toBe('it is closed: open it again first')
  expect(sentence(ticket, 'status')).toBe(null)
  ticket.set({ status: 'open' })
  expect(sentence(ticket, 'title')).toBe(null)
  expect(sentence(asSeenBy(Ticket, ['admin'], close), 'title')).toBe(null)
  const pv = asSeenBy(Pv, ['engineer'], record => {
    record.set({ title: 'Meeting', signed: true })
  })
  expect(sentence(pv, 'points')).toBe('the PV is signed: withdraw that first')
  expect(sentence(pv, 'signed')).toBe(null)
})

it('an entry of somebody else, and a record that was removed, take nothing', () => {
  let comment = ''
  const ticket = asSeenBy(Ticket, ['manager'], record => {
    record.set({ title: 'Door' })
    comment = record.list('comments').add({ body: 'Mine' })
  })
  expect(sentence(ticket, `comments/${comment}/body`)).toContain('only the person who added this entry')
  ticket.remove()
  expect(ticket.locked('title')?.code).toBe('REMOVED')
  const worker = asSeenBy(Trebovanje, ['magacioner'], record => record.set({ number: 'TR-1' }))
  expect(sentence(worker, 'scans')).toBe(null)
  expect(sentence(worker, 'items')).toBe('only shift_lead or manager may change this')
  expect(sentence(worker, 'zaduznice')).toBe(null)
})
