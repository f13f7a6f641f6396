import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Ticket } from '../../shared/types/index.ts'
import { until } from '../wire/wire-server.ts'
import { ListServer } from './list-server.ts'

let server: ListServer

beforeEach(async () => {
  server = await new ListServer([Ticket]).start()
})
afterEach(() => server.close())

const dispatcher = 'dora:Dora:dispatcher'
const create = (id: string, title: string, status: 'open' | 'done' = 'open') =>
  server.edit(Ticket, id, 'dora', record => record.set({ title, status }), ['dispatcher'])

describe('a list on a link', () => {
  it('gives the rows there are, then what enters, changes and leaves', async () => {
    await create('1', 'a leaking valve')
    await create('2', 'a broken door')
    const client = await server.link(dispatcher)
    const list = await server.list(client, 7, {
      type: 'ticket',
      where: { status: 'open' },
      orderBy: ['title', 'asc'],
      count: true,
    })
    expect(list.rows.map(row => row.title)).toEqual(['a broken door', 'a leaking valve'])
    expect(list.figures).toEqual({ total: 2 })

    await create('3', 'A LEAK')
    await until(() => list.rows.length === 3, 'the third')
    expect(list.ids).toEqual(['2', '3', '1'])

    await server.edit(Ticket, '2', 'dora', record => record.set({ status: 'done' }), ['dispatcher'])
    await until(() => list.rows.length === 2, 'the second to leave')
    expect(list.ids).toEqual(['3', '1'])
    expect(list.figures).toEqual({ total: 2 })
    expect(list.deltas).toBe(2)
    expect(server.errors).toEqual([])
  })
})
