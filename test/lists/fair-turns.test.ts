import { afterEach, describe, expect, it } from 'vitest'
import { FairTurns } from '../../server/list/fair-turns.ts'
import { defineRecord, text } from '../../shared/index.ts'
import { until } from '../wire/wire-server.ts'
import { ListServer } from './list-server.ts'

describe('work of many askers', () => {
  let now = 0
  let turnEnds: (() => void)[] = []
  const rests: number[] = []
  const turns = new FairTurns({
    now: () => now,
    afterReads: run => void turnEnds.push(run),
    after(ms, run) {
      rests.push(ms)
      turnEnds.push(run)
    },
  })
  const done: string[] = []
  const nextTurn = (): string[] => {
    done.length = 0
    for (const run of turnEnds.splice(0)) run()
    return [...done]
  }
  const ask = (asker: string, what: string, ms = 6): void =>
    turns.run(asker, what, () => {
      now += ms
      done.push(`${asker}${what}`)
    })
  afterEach(() => {
    turnEnds = []
    done.length = 0
  })

  it('is done at once while the turn has time, then one piece of each after the other', () => {
    for (const what of ['1', '2', '3', '4', '5']) ask('a', what)
    expect(done).toEqual(['a1', 'a2'])
    ask('b', '1')
    ask('c', '1')
    expect(nextTurn()).toEqual(['a3', 'b1'])
    expect(nextTurn()).toEqual(['c1', 'a4'])
    expect(nextTurn()).toEqual(['a5'])
    expect(nextTurn()).toEqual([])
    ask('b', '2')
    expect(done).toEqual(['b2'])
    expect(nextTurn()).toEqual([])
  })

  it('leaves time to everybody else behind a piece that took long', () => {
    ask('a', '1', 200)
    ask('a', '2', 9)
    expect(rests).toEqual([50])
    expect(nextTurn()).toEqual(['a2'])
    expect(nextTurn()).toEqual([])
    expect(rests).toEqual([50])
  })

  it('is not done twice for the same, nor when nobody wants it any more, and goes on behind what fails', async () => {
    ask('a', '1', 20)
    ask('a', '2')
    ask('a', '2')
    ask('a', '3')
    turns.drop('a', '3')
    const failing = turns.done('b', () => {
      throw new TypeError('failed')
    })
    const giving = turns.done('b', () => 7)
    expect(nextTurn()).toEqual(['a2'])
    await expect(failing).rejects.toThrow('failed')
    await expect(giving).resolves.toBe(7)
  })
})

describe('a link that asks for more than can be done', () => {
  const Task = defineRecord('task', { fields: { title: text.line() }, list: { search: ['title'] } })

  it.each([
    [
      'lists',
      400,
      (id: number) => ({ t: 'sub', id, query: { type: 'task', where: { title: { ne: `x${id}` } } } }),
    ],
    ['searches', 20, (id: number) => ({ t: 'search', id, words: `paint ${id}` })],
  ])('keeps nobody waiting: %s', async (_, most, askOf) => {
    const server = await new ListServer([Task]).start()
    try {
      await server.edit(Task, '1', 'ana', record => record.set({ title: 'Order paint' }))
      const greedy = await server.link('greedy')
      const modest = await server.link('modest')
      let [answers, looks] = [0, 0]
      greedy.onControl = () => answers++
      const { lists } = server.lists
      const [watch, tableNow] = [lists.watch.bind(lists), lists.tableNow.bind(lists)]
      lists.watch = (...ask) => look(() => watch(...ask))
      lists.tableNow = type => look(() => tableNow(type))
      /** As long as thousands of rows take. */
      const look = <T>(at: () => T): T => {
        looks++
        const until = performance.now() + 5
        while (performance.now() < until);
        return at()
      }
      for (let id = 1; id <= 400; id++) greedy.tell(askOf(id))
      const shown = await server.list(modest, 1, { type: 'task' })
      expect(shown.rows).toHaveLength(1)
      expect(looks).toBeLessThan(most)
      await until(() => answers === 400, 'an answer to each')
    } finally {
      await server.close()
    }
  })
})
