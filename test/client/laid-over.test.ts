// What one has written and not sent yet, laid over the rows and figures of the server.

import { expect, it } from 'vitest'
import { layOver } from '../../client/list/overlay.ts'
import { defineRecord, money, oneOf, type Row } from '../../shared/index.ts'

const Sale = defineRecord('sale', {
  fields: { state: oneOf('open', 'paid', 'void'), amount: money() },
})

const sale = (id: string, state: string, amount: number): Row => ({ id, state, amount, created: 1 })

it('an unsent edit counts in every figure: of all, of each group, and in the sums of each group', () => {
  const base = [sale('a', 'open', 100), sale('b', 'open', 20), sale('c', 'void', 3)]
  const figures = {
    total: 3,
    groups: { state: { open: 2, void: 1 } },
    sums: { amount: 123 },
    groupSums: { state: { open: { amount: 120 }, void: { amount: 3 } } },
  }
  const own = [
    { id: 'b', row: sale('b', 'paid', 25) },
    { id: 'c', row: null },
    { id: 'd', row: sale('d', 'open', 7) },
  ]
  const query = { count: true, groups: ['state'], sums: ['amount'] }
  const me = { id: 'ana', roles: [], claims: {} }
  const laid = layOver({ type: Sale, query, me, base, figures, own, limit: 10, hasMore: false })
  expect(laid).toMatchObject({
    total: 3,
    groups: { state: { open: 2, paid: 1 } },
    sums: { amount: 132 },
    groupSums: { state: { open: { amount: 107 }, paid: { amount: 25 } } },
  })
  expect(Object.keys(laid.groupSums?.state ?? {})).toEqual(['open', 'paid'])
})
