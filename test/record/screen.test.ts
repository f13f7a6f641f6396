// What a screen is built on: being told of what changed, and comparing by ===.

import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { exchange, openOn, send, Server, type Ticket, Time, ticketOf, untyped } from './replicas.ts'

describe('a view', () => {
  it('is the same object until something changes', () => {
    const record = ticketOf('ana')
    record.set({ title: 'Leak' })
    const before = record.view
    expect(record.view).toBe(before)
    record.set({ title: 'Leak' })
    expect(record.view).toBe(before)
    record.set({ title: 'Flood' })
    expect(record.view).not.toBe(before)
  })

  it('keeps the identity of every part that has not changed', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    const [a, b] = [ana.list('times').add({ start: 1 }), ana.list('times').add({ start: 2 })]
    ana.union('tags').add('wet')
    ana.set({ extra: { deep: { value: 1 } } })
    exchange(ana, boris)
    const before = boris.view
    ana.list('times').set(b, { note: 'changed' })
    exchange(ana, boris)
    const after = boris.view
    expect(after.times).not.toBe(before.times)
    expect(after.times.find(({ id }) => id === a)).toBe(before.times.find(({ id }) => id === a))
    expect(after.times.find(({ id }) => id === b)).not.toBe(before.times.find(({ id }) => id === b))
    for (const part of ['tags', 'extra', 'comments', 'scans', 'lines'] as const)
      expect(after[part]).toBe(before[part])
  })

  it('of a list is untouched by a write to an entry that changes nothing to be seen', () => {
    const time = new Time()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    const id = ana.list('times').add({ start: 1 })
    exchange(ana, boris)
    const before = boris.view.times
    boris.list('times').set(id, { start: 1 })
    ana.write(`times/${id}/$created`, true)
    exchange(ana, boris)
    expect(boris.view.times).toBe(before)
  })

  it('shows derived fields, and again when the time of day changes them', () => {
    const time = new Time()
    const record = ticketOf('ana', { time })
    record.list('times').add({ start: time.ms, end: time.ms + 45 * 60_000 })
    record.set({ due: time.ms + 1000 })
    expect(record.view).toMatchObject({ minutes: 45, isLate: false })
    const before = record.view
    time.pass(500)
    expect(record.view).toBe(before)
    time.pass(1000)
    expect(record.view.isLate).toBe(true)
    expect(record.view.times).toBe(before.times)
  })

  it('computes what asks for no time once, however often and late it is looked at', async () => {
    const { defineRecord } = await import('../../shared/record/define-record.ts')
    const { time } = await import('../../shared/record/field.ts')
    let computed = 0
    const Job = defineRecord('job', {
      fields: { due: time() },
      derive: {
        mark: t => {
          computed++
          return (t as { readonly isLate?: boolean }).isLate === true ? 'late' : ''
        },
        isLate: (t, now: number) => t.due !== null && t.due < now,
      },
    })
    const clock = new Time()
    const record = openOn(Job, 'ana', { time: clock })
    record.set({ due: clock.ms + 1000 })
    expect(record.view).toMatchObject({ mark: '', isLate: false })
    const before = computed
    for (let look = 0; look < 9; look++) {
      clock.pass(100)
      expect(record.view.mark).toBe('')
    }
    expect(computed).toBe(before)
    // What reads it is of the same moment.
    clock.pass(101)
    expect(record.view).toMatchObject({ mark: 'late', isLate: true })
  })

  it('inside a transaction shows what was written in it', () => {
    const record = ticketOf('ana')
    record.doc.transact(() => {
      record.set({ title: 'one' })
      record.set({ title: 'two' })
      record.list('times').add({ start: 1 }, { id: 'mon' })
      record.list('times').set('mon', { end: 2 })
      expect(record.view).toMatchObject({ title: 'two', times: [{ id: 'mon', start: 1, end: 2 }] })
      record.list('times').remove('mon')
      expect(record.view.times).toEqual([])
    })
    expect(record.view).toMatchObject({ title: 'two', times: [] })
    expect(record.index.at('title')).toHaveLength(1)
    expect(record.conflicts).toEqual([])
  })

  it('does not go down with a derived field that throws', async () => {
    const { defineRecord } = await import('../../shared/record/define-record.ts')
    const { text } = await import('../../shared/record/field.ts')
    const { openRecord } = await import('../../shared/record/open-record.ts')
    const Odd = defineRecord('odd', {
      fields: { name: text.line() },
      derive: { length: t => (t.name as string).length },
    })
    const record = openRecord(Odd, new Y.Doc(), { author: 'ana' })
    expect(record.view.length).toBeNull()
    record.set({ name: 'four' })
    expect(record.view.length).toBe(4)
  })
})

describe('a subscriber', () => {
  const told = (record: Ticket, path: string) => {
    const calls: string[][] = []
    const stop = record.subscribe(path, paths => {
      calls.push([...paths].sort())
    })
    return { calls, stop }
  }

  it('is told once a change, of what lies at and beneath its path, and of nothing else', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    const all = told(boris, '')
    const title = told(boris, 'title')
    const times = told(boris, 'times')
    const entry = told(boris, 'times/mon')
    const other = told(boris, 'times/mo')
    ana.set({ title: 'Leak', status: 'waiting' })
    send(ana, boris)
    ana.list('times').add({ start: 1 }, { id: 'mon' })
    send(ana, boris)
    expect(all.calls).toHaveLength(2)
    expect(title.calls).toHaveLength(1)
    expect(times.calls).toHaveLength(1)
    expect(entry.calls).toHaveLength(1)
    expect(other.calls).toEqual([])
  })

  it('of a claim is told when the server confirms it', () => {
    const server = new Server()
    const ana = ticketOf('ana')
    ana.set({ claimedBy: 'ana' })
    const claim = told(ana, 'claimedBy')
    server.commit(ana)
    send(server, ana)
    expect(claim.calls).toEqual([['claimedBy']])
  })

  it('of anything is told when the record is removed or comes back', () => {
    const ana = ticketOf('ana')
    ana.set({ title: 'Leak' })
    const title = told(ana, 'title')
    ana.remove()
    ana.restore()
    expect(title.calls).toHaveLength(2)
  })

  it('of a text is told, and sees it in the view', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    const text = told(boris, 'description')
    ana.text('description').insert(0, 'water')
    send(ana, boris)
    expect(text.calls).toEqual([['description']])
    expect(boris.view.description).toBe('water')
  })

  it('may read the view, write, and stop while it is told', () => {
    const ana = ticketOf('ana')
    const seen: unknown[] = []
    const stop = ana.subscribe('title', () => {
      seen.push(ana.view.title)
      if (ana.view.title === 'one') ana.set({ title: 'two' })
      else stop()
    })
    ana.set({ title: 'one' })
    ana.set({ title: 'three' })
    expect(seen).toEqual(['one', 'two'])
    expect(ana.view.title).toBe('three')
  })

  it('is told nothing after it stopped, or the record was closed', () => {
    const ana = ticketOf('ana')
    const first = told(ana, '')
    const second = told(ana, '')
    first.stop()
    ana.set({ title: 'one' })
    ana.close()
    ana.doc.getArray('cells').push([['title', 'two', 1, 'x']])
    expect(first.calls).toEqual([])
    expect(second.calls).toHaveLength(1)
  })
})

describe('last updated', () => {
  it('names the latest writer, not the server, and follows when that write is replaced', () => {
    const time = new Time()
    const server = new Server()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    expect(ana.updated).toBeNull()
    ana.set({ title: 'one' })
    time.pass(1000)
    boris.set({ claimedBy: 'boris' })
    server.commit(ana, boris)
    exchange(server, ana, boris)
    expect(ana.updated).toEqual({ by: 'boris', at: time.ms })
    time.pass(1000)
    ana.set({ title: 'two' })
    expect(ana.updated).toEqual({ by: 'ana', at: time.ms })
    exchange(ana, boris)
    expect(boris.updated).toEqual(ana.updated)
  })
})

describe('an action', () => {
  it('is requested in the record, travels, and shows its result', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    const id = ana.act('close', { reason: 'done' })
    exchange(ana, boris)
    expect(boris.action(id)).toEqual({ id, name: 'close', state: 'requested', result: null, reason: null })
    const server = untyped(ana)
    server.doc.transact(transaction =>
      server.index.replace(
        transaction,
        [[`$results/${id}`, { ok: false, reason: 'not yet' }, 5, '$server']],
        [],
      ),
    )
    exchange(ana, boris)
    expect(boris.actions).toEqual([{ id, name: 'close', state: 'refused', result: null, reason: 'not yet' }])
    expect(boris.action('none')).toBeNull()
  })
})
