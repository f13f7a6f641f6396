// Of fields that write rules read, a device keeps what it has overwritten until that is saved, so that the server
// can judge reopen, edit, close in order. None of it may ever show as a conflict, or come back.

import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { createMe, gatingFields } from '../../shared/record/access.ts'
import { createClock } from '../../shared/record/clock.ts'
import { defineRecord } from '../../shared/record/define-record.ts'
import { integer, list, oneOf, ref, text } from '../../shared/record/field.ts'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import { cellsAt, exchange, openOn, send, Server } from './replicas.ts'

const Order = defineRecord('order', {
  fields: {
    status: oneOf('open', 'closed').default('open'),
    holder: ref('user').merge('first'),
    note: text.line(),
    price: text.line(),
    hidden: text.line(),
  },
  derive: { isOpen: t => t.status === 'open' },
  access: {
    write: { note: ({ t }) => t.isOpen, price: ({ value, t }) => value === null || t.holder !== 'nobody' },
    remove: ({ me, t }) => me.is('office') || t.hidden === null,
  },
})

const orderOf = (author: string, savedClock = () => 0): OpenRecord<typeof Order> =>
  openOn(Order, author, { doc: new Y.Doc(), more: { savedClock } })

describe('a field that rules read', () => {
  it('is found, also through a derived field, behind a value or a role, and in the rule of removing', () => {
    expect([...gatingFields(Order)].sort()).toEqual(['hidden', 'holder', 'status'])
  })

  it('is found through what is derived of something derived, which shows each write at once wherever it is declared', () => {
    const Chain = defineRecord('chain', {
      fields: { amount: integer(), note: text.line() },
      derive: {
        isLarge: t => Number(Reflect.get(t, 'twice')) > 9,
        twice: t => (t.amount ?? 0) * 2,
        endless: t => Reflect.get(t, 'endless') ?? 'not yet',
      },
      access: { write: { note: ({ t }) => t.isLarge || 'too small' } },
    })
    expect([...gatingFields(Chain)]).toEqual(['amount'])
    const chain = openOn(Chain, 'ana', { doc: new Y.Doc() })
    expect(chain.view).toMatchObject({ isLarge: false, twice: 0, endless: 'not yet' })
    chain.set({ amount: 5 })
    expect(chain.view).toMatchObject({ isLarge: true, twice: 10, endless: 'not yet' })
    expect(Object.keys(chain.view).slice(-3)).toEqual(['isLarge', 'twice', 'endless'])
  })

  it('keeps every step until it is saved, and then one', () => {
    const server = new Server(Order)
    const order = orderOf('ana')
    order.set({ status: 'open' })
    order.set({ status: 'closed' })
    order.set({ status: 'open' })
    expect(cellsAt(order, 'status').map(({ value }) => value)).toEqual(['open', 'closed', 'open'])
    expect(order.conflicts).toEqual([])
    server.commit(order)
    exchange(server, order)
    expect(cellsAt(order, 'status').map(({ value }) => value)).toEqual(['open'])
    expect(order.conflicts).toEqual([])
  })

  it('never shows a step again when somebody replaces the last', () => {
    const [ana, boris] = [orderOf('ana'), orderOf('boris')]
    ana.set({ status: 'closed' })
    ana.set({ status: 'open' })
    // Over a channel between tabs, before any server has seen it.
    send(ana, boris)
    boris.set({ status: 'closed' })
    exchange(ana, boris)
    expect(boris.view.status).toBe('closed')
    expect(boris.conflicts).toEqual([])
    expect(cellsAt(boris, 'status')).toHaveLength(1)
  })

  it('keeps its steps when a conflict in it is settled', () => {
    const [ana, boris] = [orderOf('ana'), orderOf('boris')]
    boris.set({ status: 'closed' })
    ana.set({ status: 'open' })
    exchange(ana, boris)
    ana.settle('status', 'closed')
    expect(cellsAt(ana, 'status').map(({ value, author }) => [value, author])).toEqual([
      ['open', 'ana'],
      ['closed', 'ana'],
    ])
    expect(ana.conflicts).toEqual([])
  })

  it('undoes step by step', () => {
    const order = orderOf('ana')
    for (const status of ['closed', 'open', 'closed'] as const) order.set({ status })
    order.undo()
    expect(order.view.status).toBe('open')
    order.undo()
    expect(order.view.status).toBe('closed')
    order.undo()
    expect(order.view.status).toBe('open')
    expect(cellsAt(order, 'status').at(-1)?.value).toBeNull()
    order.redo()
    order.redo()
    order.redo()
    expect(order.view.status).toBe('closed')
  })

  it('claimed and released off line is held by nobody, and the claim of another stands', () => {
    const server = new Server(Order)
    const [ana, boris] = [orderOf('ana'), orderOf('boris')]
    ana.set({ holder: 'ana' })
    ana.set({ holder: null })
    boris.set({ holder: 'boris' })
    server.commit(ana)
    server.commit(boris)
    exchange(server, ana, boris)
    expect(ana.field('holder')).toMatchObject({ value: 'boris', tentative: false, conflict: [] })
    expect(cellsAt(server, '$w/holder')[0]?.value).toEqual([[boris.doc.clientID, expect.any(Number), 2]])
  })
})

describe('a record of many lines', () => {
  it('is not computed anew as a whole for each of them', () => {
    let sums = 0
    let looks: unknown[] = []
    const Sheet = defineRecord('sheet', {
      fields: {
        state: oneOf('open', 'closed').default('open'),
        lines: list({ amount: integer() }, { order: 'manual' }),
      },
      derive: {
        total: t => {
          sums++
          return t.lines.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
        },
        isOpen: t => t.state === 'open',
      },
      access: {
        write: {
          '*': ({ t, path }) => {
            if (path === 'state')
              looks = [Object.keys(t).length, 'total' in t, t.lines.length, { ...t }['total']]
            return t.isOpen || 'it is closed'
          },
        },
      },
    })
    const me = createMe({ id: 'ana', name: 'Ana', roles: [], claims: {} })
    const sheet = openOn(Sheet, 'ana', { doc: new Y.Doc(), more: { me } })
    sheet.set({ state: 'open' })
    expect(sheet.view.total).toBe(0)
    const before = sums
    sheet.doc.transact(() => {
      for (let amount = 1; amount <= 50; amount++) sheet.list('lines').add({ amount })
    })
    for (let amount = 1; amount <= 50; amount++) sheet.list('lines').add({ amount })
    expect(sums).toBe(before)
    expect(sheet.list('lines').entries.map(({ amount }) => amount)).toHaveLength(100)
    // A rule sees what was written a moment ago, all of it where it asks for all of it.
    sheet.set({ state: 'closed' })
    expect(looks).toEqual([Object.keys(sheet.view).length, true, 100, 2_550])
    expect(() => sheet.list('lines').add({ amount: 1 })).toThrow(/it is closed/)
    expect(sheet.view.total).toBe(2_550)
    expect(sums).toBe(before + 2)
  })

  it('is seen by a rule as it is at that moment, whatever remembers what, and says of the time of day', () => {
    const totals = new WeakMap<object, number>()
    const totalOf = (t: { readonly lines: readonly { readonly amount: number | null }[] }): number => {
      const known = totals.get(t)
      if (known !== undefined) return known
      const total = t.lines.reduce((sum, { amount }) => sum + (amount ?? 0), 0)
      totals.set(t, total)
      return total
    }
    const Order = defineRecord('order', {
      fields: { day: integer(), lines: list({ amount: integer() }) },
      derive: {
        total: totalOf,
        amounts: t => t.lines.map(({ amount }) => amount),
        isLate: (_, now) => now >= 2_000_000,
      },
      access: {
        write: {
          day: ({ t }) => !t.isLate || 'it is too late',
          lines: ({ t }) => {
            if (Object.isFrozen(t.amounts)) return t.total < 20 || 'that is enough'
            throw new Error('what is derived can be changed')
          },
        },
      },
    })
    let now = 1_000_000
    const me = createMe({ id: 'ana', name: 'Ana', roles: [], claims: {} })
    const clock = createClock({ wall: () => now, monotonic: () => now })
    const order = openOn(Order, 'ana', { doc: new Y.Doc(), more: { me, clock } })
    order.set({ day: 1 })
    expect(order.view.total).toBe(0)
    order.list('lines').add({ amount: 10 })
    order.list('lines').add({ amount: 10 })
    expect(() => order.list('lines').add({ amount: 10 })).toThrow(/that is enough/)
    now = 2_000_000
    expect(() => order.set({ day: 2 })).toThrow(/it is too late/)
    now = 1_500_000
    order.set({ day: 3 })
  })
})
