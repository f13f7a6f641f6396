import { describe, expect, it } from 'vitest'
import { plainFilter } from '../../server/list/plain-filter.ts'
import { predicateOf, searchText } from '../../server/list/predicate.ts'
import { routesOf } from '../../server/list/routes.ts'
import { createRandom } from '../../server/simulate/random.ts'
import { claim, type Filter, filterProblem, foldText, isWithin, matches } from '../../shared/record/filter.ts'
import { rowOrder } from '../../shared/record/row-order.ts'
import { Job, randomFilter, randomPerson, randomRow } from './random-query.ts'

describe.each([1, 2, 3])('a filter as it stands for one person, seed %i', seed => {
  it('lets in what the filter lets in, and only rows with one of its routes', () => {
    const random = createRandom(seed)
    const rows = Array.from({ length: 200 }, (_, i) => randomRow(random, String(i), i))
    for (let i = 0; i < 150; i++) {
      const person = randomPerson(random)
      const filter = random.chance(0.2) ? (Job.access.read ?? {}) : randomFilter(random)
      const plain = plainFilter(filter, person, foldText)
      const lets = predicateOf(plain, row => searchText(row, Job.list.search))
      const routes = routesOf(plain)
      for (const row of rows) {
        const isIn = matches(filter, row, person, Job.list.search)
        expect(lets(row)).toBe(isIn)
        if (isIn && routes !== null)
          expect(routes.some(({ field, values }) => values.includes(row[field] ?? null))).toBe(true)
      }
    }
  })
})

describe.each([1, 2, 3])('a filter that is said to be within another, seed %i', seed => {
  it('lets in nothing that the other does not', () => {
    const random = createRandom(seed)
    const rows = Array.from({ length: 100 }, (_, i) => randomRow(random, String(i), i))
    let found = 0
    for (let i = 0; i < 5_000; i++) {
      const [inner, outer, person] = [randomFilter(random), randomFilter(random), randomPerson(random)]
      if (!isWithin(inner, outer)) continue
      found++
      for (const row of rows) {
        if (!matches(inner, row, person, Job.list.search)) continue
        expect(matches(outer, row, person, Job.list.search), JSON.stringify({ inner, outer, row })).toBe(true)
      }
    }
    expect(found).toBeGreaterThan(100)
  })
})

describe('a filter', () => {
  it('is within another that asks less of the same fields, and within none that asks anything else', () => {
    const open = { status: { in: ['open', 'waiting'] } }
    const within: [Filter, Filter][] = [
      [open, {}],
      [{ status: 'open' }, open],
      [{ status: { in: ['waiting'] }, site: 's' }, open],
      [{ made: { gte: 20 } }, { made: { gte: 10 } }],
      [{ made: { gt: 10 } }, { made: { gte: 10 } }],
      [{ made: { gte: 11, lt: 15 } }, { made: { gt: 10, lte: 15 } }],
      [{ day: '2026-03-02' }, { day: { gte: '2026-03-01' } }],
      [{ site: 's' }, { site: { ne: null } }],
      [{ worker: claim('sub'), ...open }, { worker: { eq: claim('sub') } }],
      [{ $any: [open, { doneAt: { gte: 20 } }] }, { $any: [open, { doneAt: { gte: 10 } }] }],
      [{ status: 'open', $any: [{ a: 1 }, { b: 1 }] }, { $any: [{ status: 'done' }, open] }],
    ]
    for (const [inner, outer] of within) {
      expect(isWithin(inner, outer), JSON.stringify([inner, outer])).toBe(true)
      expect(isWithin(outer, inner), JSON.stringify([outer, inner])).toBe(false)
    }
    expect(isWithin({ made: { gte: 10 } }, { made: { gt: 10 } })).toBe(false)
    expect(isWithin({ made: { lt: 20 } }, { made: { lt: 10 } })).toBe(false)
    expect(isWithin({ worker: claim('sub') }, { worker: 'ana' })).toBe(false)
    expect(isWithin({ $any: [open, { site: 's' }] }, open)).toBe(false)
  })

  const key = (filter: Filter, roles: string[], id = 'ana') =>
    JSON.stringify(plainFilter(filter, { id, roles, claims: {} }, foldText))

  it('comes out the same for all for whom it means the same', () => {
    const read = { $any: [{ $role: ['desk', 'office'] }, { worker: claim('sub') }] }
    expect(key(read, ['desk'])).toBe(key(read, ['office'], 'bo'))
    expect(key(read, [])).not.toBe(key(read, [], 'bo'))
    expect(key({ a: 1, b: 2 }, [])).toBe(key({ b: 2, a: 1 }, []))
  })

  it('lets nobody in by a claim that they do not have, nor by an operator that there is not', () => {
    const nobodys = { id: '1', ward: null }
    const me = { id: 'ana', roles: [], claims: {} }
    for (const ward of [claim('ward'), { eq: claim('ward') }, { ne: claim('ward') }, { is: 1 } as never]) {
      expect(matches({ ward }, nobodys, me)).toBe(false)
      expect(key({ ward }, [])).toBe('{"kind":"none"}')
    }
  })

  it('asks of each row no more than can be answered, and a claim by its name', () => {
    const deep = (levels: number): Filter =>
      levels === 0 ? { a: { contains: 'x' } } : { $any: Array.from({ length: 16 }, () => deep(levels - 1)) }
    expect(filterProblem(deep(1))).toBe(null)
    for (const levels of [2, 3, 4]) expect(filterProblem(deep(levels))).toContain('100 conditions')
    const range = { gt: 1, gte: 1, lt: 9, lte: 9, ne: 5 }
    const fields = (n: number): Filter =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, range]))
    expect(filterProblem(fields(20))).toBe(null)
    expect(filterProblem(fields(21))).toContain('100 conditions')
    expect(filterProblem({ a: { in: Array.from({ length: 1_000 }, (_, i) => i) } })).toBe(null)
    expect(filterProblem({ $text: 'x '.repeat(501) })).toContain('1000 characters')
    expect(filterProblem({ $text: ['x'] })).toBe('$text takes text')
    expect(filterProblem({ $role: ['x'] })).toBe(null)
    const said = plainFilter(
      { $text: 'roof Roof  roöf leak' },
      { id: 'ana', roles: [], claims: {} },
      foldText,
    )
    expect(said).toEqual({ kind: 'words', words: ['roof', 'leak'] })
    for (const ward of [{ $claim: {} }, { eq: { $claim: ['ward'] } }])
      expect(filterProblem({ ward })).not.toBe(null)
    const inherited = { ward: { ne: claim('constructor') } }
    expect(key(inherited, [])).toBe('{"kind":"none"}')
    expect(matches(inherited, { id: '1', ward: 'x' }, { id: 'ana', roles: [], claims: {} })).toBe(false)
  })

  it('finds a word as it is written where a letter is not on the keyboard, in the order of that as well', () => {
    const me = { id: 'ana', roles: [], claims: {} }
    const found: [text: string, ...words: string[]][] = [
      ['Hauptstraße 9', 'strasse', 'STRASSE', 'straße', 'haupts'],
      ['MUSIKSTRAẞE', 'strasse'],
      ['Łódź, Skłodowska', 'lodz', 'sklodowska', 'Łódź'],
      ['Øresund Smørrebrød', 'oresund', 'smorrebrod'],
      ['Main-d’œuvre', 'oeuvre', 'ŒUVRE'],
      ['Đorđe Đurić', 'djordje', 'dorde', 'đorđe', 'djuric duric'],
      ['Djordje Djuric', 'đorđe', 'djordje'],
      ['Adjoint', 'joint', 'adj'],
      ['Jörg MÜLLER, Jäger', 'mueller', 'muller', 'müller', 'joerg', 'jaeger'],
      ['Mu\u0308ller', 'mueller', 'Müller'],
      ['Søren Åberg', 'soeren', 'soren', 'aaberg', 'aberg'],
    ]
    for (const [text, ...all] of found) {
      const row = { id: '1', text }
      for (const words of all) {
        expect(matches({ $text: words }, row, me, ['text']), words).toBe(true)
        const plain = plainFilter({ $text: words }, me, foldText)
        expect(predicateOf(plain, each => searchText(each, ['text']))(row), words).toBe(true)
      }
      const [word = ''] = all
      expect(matches({ text: { contains: word } }, row, me)).toBe(true)
      expect(predicateOf(plainFilter({ text: { contains: word } }, me, foldText), () => '')(row)).toBe(true)
    }
    expect(matches({ $text: 'strase' }, { id: '1', text: 'Hauptstraße' }, me, ['text'])).toBe(false)
    const names = ['Zora', 'Đorđe', 'Ćira', 'Łukasz', 'Eva'].map(name => ({ id: name, name }))
    expect(names.sort(rowOrder('name', 'asc')).map(({ id }) => id)).toEqual([
      'Ćira',
      'Đorđe',
      'Eva',
      'Łukasz',
      'Zora',
    ])
  })

  it('that nobody passes is none, whatever else it says', () => {
    expect(key({ $role: 'x', a: 1 }, [])).toBe('{"kind":"none"}')
    expect(key({ $any: [] }, [])).toBe('{"kind":"none"}')
    expect(key({ $any: [{}, { a: 1 }] }, [])).toBe('{"kind":"all"}')
  })
})
