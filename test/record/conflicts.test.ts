import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { defineRecord } from '../../shared/record/define-record.ts'
import { list, ref, text } from '../../shared/record/field.ts'
import { openRecord } from '../../shared/record/open-record.ts'
import { settleTurn } from '../../shared/record/settle-turn.ts'
import { cellsAt, exchange, openOn, send, Server, Ticket, Time, ticketOf } from './replicas.ts'

const Shift = defineRecord('shift', { fields: { slots: list({ who: ref('user').merge('first') }) } })

const MINUTE = 60_000

describe('two people who edit one field', () => {
  it('a newer edit stands before a stale one made off line, whoever of them arrives last', () => {
    const time = new Time()
    const [tablet, office] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    tablet.set({ status: 'waiting' })
    time.pass(8 * 60 * MINUTE)
    office.set({ status: 'done' })
    exchange(tablet, office)
    for (const { view, field } of [tablet, office].map(r => ({ view: r.view, field: r.field('status') }))) {
      expect(view.status).toBe('done')
      expect(field.by).toBe('boris')
      expect(field.conflict.map(({ value, by }) => ({ value, by }))).toEqual([
        { value: 'waiting', by: 'ana' },
      ])
    }
  })

  it('a stale edit loses although its tablet runs a day ahead, once the tablet has heard the time', () => {
    const time = new Time()
    const tablet = ticketOf('ana', { time, offsetMs: 86_400_000 })
    const office = ticketOf('boris', { time })
    tablet.clock.contact(time.ms)
    tablet.set({ status: 'waiting' })
    time.pass(MINUTE)
    office.set({ status: 'done' })
    exchange(tablet, office)
    expect(tablet.view.status).toBe('done')
    expect(office.view.status).toBe('done')
  })

  const contested = () => {
    const time = new Time()
    const [ana, boris, clara] = [
      ticketOf('ana', { time }),
      ticketOf('boris', { time }),
      ticketOf('clara', { time }),
    ]
    ana.set({ title: 'Leak' })
    time.pass(MINUTE)
    boris.set({ title: 'Burst pipe' })
    exchange(ana, boris, clara)
    return { time, ana, boris, clara }
  }

  it('somebody who was shown only the value replaces that, and the loser stays', () => {
    const { time, ana, boris, clara } = contested()
    time.pass(MINUTE)
    clara.set({ title: 'Burst pipe in the cellar' })
    exchange(ana, boris, clara)
    expect(ana.view.title).toBe('Burst pipe in the cellar')
    expect(boris.field('title').conflict.map(({ value, by }) => [value, by])).toEqual([['Leak', 'ana']])
    expect(ana.conflicts).toHaveLength(1)
  })

  it.each([
    ['minutes', 5 * MINUTE],
    ['weeks', 14 * 24 * 60 * MINUTE],
  ])('so does somebody whose clock is %s behind, as a stock client’s may be', (_, behindMs) => {
    const { time, ana, boris } = contested()
    const dora = ticketOf('dora', { time, offsetMs: -behindMs })
    exchange(ana, boris, dora)
    for (const title of ['Burst pipe in the cellar', 'Burst pipe in the garage']) {
      dora.set({ title })
      exchange(ana, boris, dora)
      expect(ana.view.title).toBe(title)
      expect(boris.field('title').conflict.map(({ value, by }) => [value, by])).toEqual([['Leak', 'ana']])
    }
  })

  it('a lower value under max takes back what was shown, and no second one that nobody has been shown yet', () => {
    const [ana, boris, clara] = [ticketOf('ana'), ticketOf('boris'), ticketOf('clara')]
    ana.set({ priority: 'high' })
    boris.set({ priority: 'urgent' })
    exchange(ana, boris, clara)
    expect(clara.view.priority).toBe('urgent')
    clara.set({ priority: 'low' })
    exchange(ana, boris, clara)
    expect(boris.field('priority')).toMatchObject({ value: 'high', by: 'ana' })
    expect(boris.field('priority').conflict.map(({ value, by }) => [value, by])).toEqual([['low', 'clara']])
    clara.set({ priority: 'low' })
    exchange(ana, boris, clara)
    expect(ana.view.priority).toBe('low')
    expect(ana.conflicts).toEqual([])
  })

  it('somebody who was shown both settles it, on every screen', () => {
    const { ana, boris, clara } = contested()
    const [leak] = clara.field('title').conflict
    leak?.settle()
    exchange(ana, boris, clara)
    for (const record of [ana, boris, clara]) {
      expect(record.view.title).toBe('Leak')
      expect(record.field('title')).toMatchObject({ by: 'clara', conflict: [] })
      expect(record.conflicts).toEqual([])
    }
  })

  it('picking the value that stands settles it too', () => {
    const { ana, boris, clara } = contested()
    clara.conflicts[0]?.values[0]?.settle()
    exchange(ana, boris, clara)
    expect(ana.view.title).toBe('Burst pipe')
    expect(ana.conflicts).toEqual([])
  })

  it('an edit made while somebody settles stays as a conflict with what was picked', () => {
    const { time, ana, boris, clara } = contested()
    time.pass(MINUTE)
    boris.set({ title: 'Flood' })
    clara.settle('title', 'Leak')
    exchange(ana, boris, clara)
    expect(ana.view.title).toBe('Leak')
    expect(ana.field('title').conflict.map(({ value }) => value)).toEqual(['Flood'])
  })

  it('equal values at once are no conflict, and the next edit replaces them all', () => {
    const [ana, boris, clara] = [ticketOf('ana'), ticketOf('boris'), ticketOf('clara')]
    ana.set({ status: 'done' })
    boris.set({ status: 'done' })
    exchange(ana, boris, clara)
    expect(cellsAt(clara, 'status')).toHaveLength(2)
    expect(clara.field('status').conflict).toEqual([])
    expect(clara.conflicts).toEqual([])
    clara.set({ status: 'open' })
    exchange(ana, boris, clara)
    expect(ana.view.status).toBe('open')
    expect(ana.conflicts).toEqual([])
    expect(cellsAt(ana, 'status')).toHaveLength(1)
  })

  it('equal losers show as one', () => {
    const time = new Time()
    const all = ['ana', 'boris', 'clara'].map(author => ticketOf(author, { time }))
    const [ana, boris, clara] = all
    ana?.set({ title: 'Leak' })
    boris?.set({ title: 'Leak' })
    time.pass(MINUTE)
    clara?.set({ title: 'Flood' })
    exchange(...all)
    expect(ana?.field('title').conflict).toHaveLength(1)
  })

  it('who wrote what stood there is told that it lost, also where somebody else had written the same', () => {
    const time = new Time()
    const server = new Server()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    boris.set({ title: 'Leak' })
    time.pass(MINUTE)
    ana.set({ title: 'Leak' })
    expect(server.commit(ana, boris)).toEqual([])
    time.pass(MINUTE)
    ana.set({ title: 'Boiler leaks' })
    expect(server.commit(ana)).toMatchObject([{ why: 'outranked', cell: { author: 'boris', value: 'Leak' } }])
    time.pass(MINUTE)
    ana.set({ title: 'Boiler still leaks' })
    expect(server.commit(ana)).toEqual([])
  })

  it('one writer overwriting their own value leaves nothing behind', () => {
    const ana = ticketOf('ana')
    for (let i = 0; i < 50; i++) ana.set({ title: `draft ${i}` })
    expect(cellsAt(ana, 'title')).toHaveLength(1)
    expect(ana.conflicts).toEqual([])
  })

  it.each([
    ['fields', Ticket, 'comments', 'body'],
    ['claims', Shift, 'slots', 'who'],
  ] as const)('in each of many %s takes no longer to settle the more there are', (_, type, name, part) => {
    let looks = 0
    const looked = <T>(value: T): T => {
      looks++
      return value
    }
    const cell = (field: number, client: number) => ({
      get path() {
        return looked(`${name}/c${field}/${part}`)
      },
      value: `user:of${client}`,
      stamp: client,
      author: `user${client}`,
      client,
      get clock() {
        return looked(field)
      },
    })
    const looksFor = (count: number): number => {
      const fields = Array.from({ length: count }, (_, field) => [cell(field, 1), cell(field, 2)] as const)
      const byPath = new Map(fields.map(both => [both[0].path, both]))
      const source = { at: (path: string) => byPath.get(path) ?? [], keys: () => [], text: () => '' }
      const added = fields.map(([, late]) => late)
      looks = 0
      expect(settleTurn(type, source, [{ added, deleted: [] }], 1).lost).toHaveLength(count)
      return looks / count
    }
    expect(looksFor(400)).toBeLessThan(2 * looksFor(40))
  })

  it('different fields of one record both stand', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.set({ title: 'Leak' })
    boris.set({ status: 'waiting' })
    exchange(ana, boris)
    expect(ana.view).toMatchObject({ title: 'Leak', status: 'waiting' })
    expect(ana.conflicts).toEqual([])
  })

  it('keeps eight values that lost; the oldest beyond goes to history, and its author is told', () => {
    const time = new Time()
    const server = new Server()
    const all = Array.from({ length: 11 }, (_, i) => ticketOf(`user${i}`, { time }))
    for (const [i, record] of all.entries()) {
      record.set({ title: `title ${i}` })
      time.pass(MINUTE)
    }
    const lost = server.commit(...all)
    expect(lost.filter(({ why }) => why === 'too many').map(({ cell }) => cell.author)).toEqual([
      'user0',
      'user1',
    ])
    expect(
      lost.filter(({ why }) => why === 'outranked').map(({ cell }) => cell.author),
      'nobody else, and none of those',
    ).toEqual(Array.from({ length: 8 }, (_, i) => `user${i + 2}`))
    exchange(server, ...all)
    expect(all[0]?.view.title).toBe('title 10')
    expect(all[0]?.field('title').conflict.map(({ value }) => value)).toEqual(
      Array.from({ length: 8 }, (_, i) => `title ${9 - i}`),
    )
  })
})

describe('a review of a price', () => {
  it('is open while two prices stand, and closed when a person picks one', () => {
    const time = new Time()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    ana.set({ quote: 12_000 })
    time.pass(MINUTE)
    boris.set({ quote: 15_000 })
    exchange(ana, boris)
    expect(ana.field('quote')).toMatchObject({ value: 15_000, by: 'boris', open: true })
    ana.settle('quote', 12_000)
    exchange(ana, boris)
    expect(boris.field('quote')).toMatchObject({ value: 12_000, by: 'ana', open: false, conflict: [] })
  })

  it('is not open when one price follows the other', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.set({ quote: 12_000 })
    exchange(ana, boris)
    boris.set({ quote: 15_000 })
    exchange(ana, boris)
    expect(ana.field('quote')).toMatchObject({ value: 15_000, open: false })
  })
})

describe('the highest priority, the lowest floor', () => {
  it('of two at once wins, by the order of the field and not by time', () => {
    const time = new Time()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    ana.set({ priority: 'urgent', floor: -2 })
    time.pass(MINUTE)
    boris.set({ priority: 'high', floor: 7 })
    exchange(ana, boris)
    expect(boris.view).toMatchObject({ priority: 'urgent', floor: -2 })
    expect(boris.field('priority').conflict.map(({ value }) => value)).toEqual(['high'])
  })

  it('may be lowered by a later write that was shown it', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.set({ priority: 'urgent' })
    exchange(ana, boris)
    boris.set({ priority: 'low' })
    exchange(ana, boris)
    expect(ana.view.priority).toBe('low')
    expect(ana.conflicts).toEqual([])
  })
})

describe('tags', () => {
  it('added at once all stand', () => {
    const all = ['ana', 'boris', 'clara'].map(author => ticketOf(author))
    all.forEach((record, i) => {
      record.union('tags').add(`tag ${i}`, 'common')
    })
    exchange(...all)
    for (const record of all) expect(record.view.tags).toEqual(['common', 'tag 0', 'tag 1', 'tag 2'])
    expect(all[0]?.conflicts).toEqual([])
  })

  it('added by one while another removes it, a tag stays', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.union('tags').add('wet')
    exchange(ana, boris)
    ana.union('tags').remove('wet')
    boris.union('tags').remove('wet')
    boris.union('tags').add('wet')
    exchange(ana, boris)
    expect(ana.view.tags).toEqual(['wet'])
    expect(boris.view.tags).toEqual(['wet'])
  })

  it('that two people added is gone when a third takes it off', () => {
    const all = ['ana', 'boris', 'clara'].map(author => ticketOf(author))
    const [ana, boris, clara] = all
    ana?.union('tags').add('wet')
    boris?.union('tags').add('wet')
    exchange(...all)
    clara?.union('tags').remove('wet')
    exchange(...all)
    expect(ana?.view.tags).toEqual([])
  })

  it('may hold any text', () => {
    const odd = ['a/b', '50%', '$w', '%2F', 'žuto', ' ', '😀', '__proto__', 'constructor']
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.union('tags').add(...odd)
    exchange(ana, boris)
    expect(boris.view.tags).toEqual([...odd].sort())
    boris.union('tags').set(['a/b'])
    exchange(ana, boris)
    expect(ana.view.tags).toEqual(['a/b'])
  })
})

describe('a counter', () => {
  it('counts what three devices add off line', () => {
    const all = [ticketOf('ana'), ticketOf('boris'), ticketOf('clara')]
    all.forEach((record, i) => {
      record.counter('partsUsed').add(i + 1)
      record.counter('partsUsed').add(10)
    })
    exchange(...all)
    for (const record of all) expect(record.view.partsUsed).toBe(36)
    expect(all[0]?.conflicts).toEqual([])
  })

  it('counts what two tabs of one person add', () => {
    const [one, two] = [ticketOf('ana'), ticketOf('ana')]
    one.counter('partsUsed').add(3)
    two.counter('partsUsed').add(4)
    exchange(one, two)
    one.counter('partsUsed').add(-1)
    two.counter('partsUsed').add(2)
    exchange(one, two)
    expect(one.view.partsUsed).toBe(8)
    expect(two.view.partsUsed).toBe(8)
  })

  it('counts each addition of one transaction', () => {
    const ana = ticketOf('ana')
    ana.doc.transact(() => {
      ana.counter('partsUsed').add(1)
      ana.counter('partsUsed').add(1)
      expect(ana.view.partsUsed).toBe(2)
    })
    expect(ana.view.partsUsed).toBe(2)
    expect(cellsAt(ana, `partsUsed/${ana.doc.clientID}`)).toHaveLength(1)
  })
})

describe('a scan', () => {
  it('delivered twice counts once', () => {
    const server = new Server()
    const [one, two] = [ticketOf('ana'), ticketOf('ana')]
    for (const tab of [one, two]) tab.log('scans').add({ item: 'bolt', quantity: 5 }, { id: 'scan-1' })
    exchange(one, two)
    expect(one.view.scans).toHaveLength(1)
    server.commit(one, two)
    exchange(server, one, two)
    expect(cellsAt(one, 'scans/scan-1')).toHaveLength(1)
    expect(two.view.scans).toMatchObject([{ id: 'scan-1', item: 'bolt', quantity: 5, by: 'ana' }])
  })

  it('added again by the same hand changes nothing', () => {
    const ana = ticketOf('ana')
    ana.log('scans').add({ item: 'bolt', quantity: 5 }, { id: 'scan-1' })
    ana.log('scans').add({ item: 'bolt', quantity: 5 }, { id: 'scan-1' })
    expect(cellsAt(ana, 'scans/scan-1')).toHaveLength(1)
  })

  it('of the same item by two people counts twice', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.log('scans').add({ item: 'bolt', quantity: 1 })
    boris.log('scans').add({ item: 'bolt', quantity: 1 })
    exchange(ana, boris)
    expect(ana.view.scans).toHaveLength(2)
    expect(ana.view.scans.reduce((sum, scan) => sum + (scan.quantity ?? 0), 0)).toBe(2)
  })
})

describe('one entry', () => {
  it('created by two people at once is one entry, with the fields of both', () => {
    const time = new Time()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    ana.list('times').add({ start: 1, note: 'morning' }, { id: 'mon' })
    time.pass(MINUTE)
    boris.list('times').add({ start: 2, end: 5 }, { id: 'mon' })
    exchange(ana, boris)
    expect(ana.view.times).toMatchObject([{ id: 'mon', by: 'ana', start: 2, end: 5, note: 'morning' }])
    expect(boris.view.times).toEqual(ana.view.times)
    expect(ana.conflicts.map(({ path }) => path)).toEqual(['times/mon/start'])
  })

  it('edited in two places by two people keeps both', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    const id = ana.list('times').add({ start: 1, end: 2 })
    exchange(ana, boris)
    ana.list('times').set(id, { start: 10 })
    boris.list('times').set(id, { end: 20 })
    exchange(ana, boris)
    expect(ana.view.times).toMatchObject([{ start: 10, end: 20 }])
    expect(ana.conflicts).toEqual([])
  })

  it('stands where it was put, also between two that were given one place off line', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.list('lines').add({ name: 'first' }, { id: 'a' })
    exchange(ana, boris)
    ana.list('lines').add({ name: 'by ana' }, { id: 'b' })
    boris.list('lines').add({ name: 'by boris' }, { id: 'c' })
    exchange(ana, boris)
    const [, second, third] = ana.view.lines.map(({ id }) => id)
    ana.list('lines').add({ name: 'between' }, { id: 'd', at: 2 })
    exchange(ana, boris)
    expect(boris.view.lines.map(({ id }) => id)).toEqual(['a', second, 'd', third])
  })

  it.each([
    ['behind the first', 'b', `a0${'0'.repeat(253)}1`, 1, ['a', 'd', 'b', 'c']],
    ['before all', 'a', `A${'0'.repeat(26)}`, 0, ['d', 'a', 'b', 'c']],
    ['behind all', 'c', 'z'.repeat(256), 3, ['a', 'b', 'c', 'd']],
  ] as const)(
    'stands where it was put, %s, also where positions lie as close as they can',
    (_, id, pos, at, ids) => {
      const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
      for (const name of ['a', 'b', 'c']) ana.list('lines').add({ name }, { id: name })
      ana.write(`lines/${id}/pos`, pos)
      exchange(ana, boris)
      boris.list('lines').add({ name: 'd' }, { id: 'd', at })
      exchange(ana, boris)
      expect(ana.view.lines.map(line => line.id)).toEqual(ids)
      expect(untypedPositions(ana)).toEqual([2, 2, 2, 2])
      expect(ana.conflicts).toEqual([])
    },
  )

  it('moves few others where there is no room, so that what was put elsewhere meanwhile stands there', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    for (let i = 0; i < 40; i++) ana.list('lines').add({ name: `${i}` }, { id: `${i}`, at: i })
    ana.write('lines/21/pos', `aK${'0'.repeat(253)}1`)
    exchange(ana, boris)
    boris.list('lines').add({ name: 'elsewhere' }, { id: 'elsewhere', at: 35 })
    boris.list('lines').remove('1')
    ana.list('lines').add({ name: 'between' }, { id: 'between', at: 21 })
    exchange(ana, boris)
    const ids = Array.from({ length: 40 }, (_, i) => `${i}`).filter(id => id !== '1')
    ids.splice(ids.indexOf('35'), 0, 'elsewhere')
    ids.splice(ids.indexOf('21'), 0, 'between')
    expect(boris.view.lines.map(({ id }) => id)).toEqual(ids)
    expect(boris.conflicts).toEqual([])
  })

  it.each([
    ['at one place', 'a0V', 'a0V', ['a', 'b', 'd', 'c']],
    ['as close as they can', 'a0', `a0${'0'.repeat(253)}1`, ['a', 'd', 'b', 'c']],
  ])('of one’s own leaves others’ where they are, also where two lie %s', (_, first, second, ids) => {
    const Board = defineRecord('board', {
      fields: { notes: list({ body: text.line() }, { own: true, order: 'manual' }) },
    })
    const board = openRecord(Board, new Y.Doc(), { author: 'ana' })
    for (const id of ['a', 'b', 'c']) board.list('notes').add({ body: id }, { id })
    board.write('notes/a/pos', first)
    board.write('notes/b/pos', second)
    board.list('notes').add({ body: 'd' }, { id: 'd', at: 1 })
    expect(board.view.notes.map(({ id }) => id)).toEqual(ids)
  })

  it('keeps short positions in a list of thousands', () => {
    const ana = ticketOf('ana')
    for (let i = 0; i < 3000; i++) ana.list('lines').add({ name: `${i}` }, i % 2 === 0 ? {} : { at: 0 })
    expect(Math.max(...untypedPositions(ana))).toBeLessThanOrEqual(4)
    expect(ana.view.lines.at(0)?.name).toBe('2999')
    expect(ana.view.lines.at(-1)?.name).toBe('2998')
  })
})

const untypedPositions = (record: Ticket): number[] =>
  record.view.lines.map(line => String((line as { pos?: string }).pos).length)

describe('removing', () => {
  const shared = () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.list('times').add({ start: 1, note: 'first' }, { id: 'mon' })
    exchange(ana, boris)
    return { ana, boris }
  }

  it('an entry whose edits were seen leaves no question', () => {
    const { ana, boris } = shared()
    boris.list('times').set('mon', { note: 'longer' })
    exchange(ana, boris)
    ana.list('times').remove('mon')
    exchange(ana, boris)
    expect(boris.view.times).toEqual([])
    expect(boris.conflicts).toEqual([])
  })

  it('shows what is to be settled in one order on every device', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.list('times').add({ note: 'a' }, { id: 'tue' })
    boris.list('times').add({ note: 'b' }, { id: 'mon' })
    exchange(ana, boris)
    for (const id of ['tue', 'mon']) {
      ana.list('times').remove(id)
      boris.list('times').set(id, { note: 'longer' })
    }
    exchange(ana, boris)
    for (const { conflicts } of [ana, boris])
      expect(conflicts.map(({ path }) => path)).toEqual(['times/mon', 'times/tue'])
  })

  it('an entry that somebody was editing shows the edit, and one write brings it back', () => {
    const { ana, boris } = shared()
    ana.list('times').remove('mon')
    boris.list('times').set('mon', { note: 'longer' })
    exchange(ana, boris)
    expect(boris.view.times).toEqual([])
    expect(ana.conflicts).toMatchObject([
      { kind: 'edited while removed', path: 'times/mon', values: [{ value: 'longer', by: 'boris' }] },
    ])
    ana.restore('times/mon')
    exchange(ana, boris)
    expect(boris.view.times).toMatchObject([{ id: 'mon', start: 1, note: 'longer', by: 'ana' }])
    expect(boris.conflicts).toEqual([])
  })

  it('an entry again, with the edit in view, leaves it removed', () => {
    const { ana, boris } = shared()
    ana.list('times').remove('mon')
    boris.list('times').set('mon', { note: 'longer' })
    exchange(ana, boris)
    ana.list('times').remove('mon')
    exchange(ana, boris)
    expect(boris.view.times).toEqual([])
    expect(boris.conflicts).toEqual([])
  })

  it('an entry that is added again under its id brings it back', () => {
    const { ana } = shared()
    ana.list('times').remove('mon')
    ana.list('times').add({ start: 5 }, { id: 'mon' })
    expect(ana.view.times).toMatchObject([{ id: 'mon', start: 5, note: 'first' }])
  })

  it('the record shows what was written unseen, text too, and keeps it after restore', () => {
    const { ana, boris } = shared()
    ana.remove()
    boris.set({ title: 'still needed' })
    boris.text('description').insert(0, 'water everywhere')
    exchange(ana, boris)
    expect(boris.view.removed).toBe(true)
    expect(boris.conflicts[0]).toMatchObject({
      kind: 'edited while removed',
      path: '',
      values: [{ value: 'still needed', by: 'boris' }],
      texts: ['description'],
    })
    ana.restore()
    exchange(ana, boris)
    expect(boris.view).toMatchObject({
      removed: false,
      title: 'still needed',
      description: 'water everywhere',
    })
    expect(boris.conflicts).toEqual([])
  })

  it('the record when all was seen leaves no question', () => {
    const { ana, boris } = shared()
    boris.remove()
    exchange(ana, boris)
    expect(ana.view.removed).toBe(true)
    expect(ana.conflicts).toEqual([])
    expect(() => ana.set({ title: 'too late' })).toThrowError(expect.objectContaining({ code: 'REMOVED' }))
  })

  it('twice at once has seen what either had seen', () => {
    const { ana, boris } = shared()
    boris.set({ title: 'seen by boris alone' })
    ana.remove()
    boris.remove()
    exchange(ana, boris)
    expect(ana.conflicts).toEqual([])
  })
})

describe('a claim', () => {
  const desk = () => {
    const time = new Time()
    const server = new Server()
    const open = (author: string, ...roles: string[]) => openOn(Ticket, author, { time, roles })
    const [ana, boris, clara] = [open('ana'), open('boris'), open('clara', 'dispatcher')]
    ana.set({ title: 'Leak' })
    server.commit(ana)
    exchange(server, ana, boris, clara)
    return { time, server, ana, boris, clara, all: [server, ana, boris, clara] as const }
  }

  it('is tentative until the server has confirmed it', () => {
    const { server, ana, all } = desk()
    ana.set({ claimedBy: 'ana' })
    expect(ana.field('claimedBy')).toMatchObject({ value: 'ana', tentative: true })
    server.commit(ana)
    exchange(...all)
    expect(ana.field('claimedBy')).toMatchObject({ value: 'ana', tentative: false, conflict: [] })
  })

  it('that is confirmed stands before one made off line, however early that is stamped', () => {
    const { time, server, ana, boris, all } = desk()
    boris.set({ claimedBy: 'boris' })
    time.pass(MINUTE)
    ana.set({ claimedBy: 'ana' })
    server.commit(ana)
    const lost = server.commit(boris)
    expect(lost).toMatchObject([
      { path: 'claimedBy', why: 'outranked', cell: { author: 'boris' }, winner: { value: 'ana' } },
    ])
    exchange(...all)
    expect(boris.view.claimedBy).toBe('ana')
    expect(boris.field('claimedBy').conflict.map(({ by }) => by)).toEqual(['boris'])
  })

  it('of two that no server has seen goes, tentatively, to the earlier', () => {
    const { time, ana, boris } = desk()
    ana.set({ claimedBy: 'ana' })
    time.pass(MINUTE)
    boris.set({ claimedBy: 'boris' })
    exchange(ana, boris)
    expect(boris.field('claimedBy')).toMatchObject({ value: 'ana', tentative: true })
  })

  const contestedClaim = () => {
    const world = desk()
    const { server, ana, boris, all } = world
    ana.set({ claimedBy: 'ana' })
    boris.set({ claimedBy: 'boris' })
    server.commit(ana)
    server.commit(boris)
    exchange(...all)
    return world
  }

  it('released does not bring back an old loser, who is told', () => {
    const { server, ana, boris, all } = contestedClaim()
    ana.set({ claimedBy: null })
    // Before the server has spoken, nobody has it on any screen.
    expect(ana.view.claimedBy).toBeNull()
    exchange(ana, boris)
    expect(boris.view.claimedBy).toBeNull()
    const lost = server.commit(ana)
    expect(lost).toMatchObject([{ why: 'retired', cell: { author: 'boris', value: 'boris' } }])
    exchange(...all)
    expect(boris.field('claimedBy')).toMatchObject({ value: null, conflict: [], tentative: false })
    expect(boris.conflicts).toEqual([])
  })

  it('that arrives after a release is a new claim', () => {
    const { server, ana, boris, all } = desk()
    ana.set({ claimedBy: 'ana' })
    server.commit(ana)
    boris.set({ claimedBy: 'boris' })
    ana.set({ claimedBy: null })
    server.commit(ana)
    server.commit(boris)
    exchange(...all)
    expect(ana.field('claimedBy')).toMatchObject({ value: 'boris', tentative: false })
  })

  it('reassigned by somebody who was shown only the holder goes to whom they named, not to an old loser', () => {
    const { server, ana, clara, all } = contestedClaim()
    clara.set({ claimedBy: 'dora' })
    server.commit(clara)
    exchange(...all)
    expect(ana.field('claimedBy')).toMatchObject({ value: 'dora', by: 'clara', tentative: false })
    expect(ana.field('claimedBy').conflict.map(({ value }) => value)).toEqual(['boris'])
    clara.set({ claimedBy: null })
    server.commit(clara)
    exchange(...all)
    expect(ana.view.claimedBy).toBeNull()
  })

  it('does not change by a second tap on Claim, by the holder or by who came second', () => {
    const { server, ana, boris, all } = contestedClaim()
    ana.set({ claimedBy: 'ana' })
    boris.set({ claimedBy: 'boris' })
    boris.set({ claimedBy: 'boris' })
    server.commit(ana, boris)
    exchange(...all)
    expect(boris.field('claimedBy')).toMatchObject({ value: 'ana', by: 'ana', tentative: false })
    ana.set({ claimedBy: null })
    server.commit(ana)
    exchange(...all)
    expect(boris.view.claimedBy).toBeNull()
  })

  it('cannot be taken away by a technician who was shown it', () => {
    const { server, ana, boris, all } = desk()
    ana.set({ claimedBy: 'ana' })
    server.commit(ana)
    exchange(...all)
    boris.set({ claimedBy: 'boris' })
    server.commit(boris)
    exchange(...all)
    expect(ana.view.claimedBy).toBe('ana')
  })

  it('is free again for the next once it has been released', () => {
    const { server, ana, boris, all } = desk()
    ana.set({ claimedBy: 'ana' })
    server.commit(ana)
    exchange(...all)
    ana.set({ claimedBy: null })
    server.commit(ana)
    exchange(...all)
    boris.set({ claimedBy: 'boris' })
    server.commit(boris)
    exchange(...all)
    expect(ana.field('claimedBy')).toMatchObject({ value: 'boris', tentative: false, conflict: [] })
  })

  it('made in two tabs of one person is witnessed in both', () => {
    const { server, ana, all } = desk()
    const tab = ticketOf('ana')
    send(ana, tab)
    ana.set({ claimedBy: 'ana' })
    tab.set({ claimedBy: 'ana' })
    send(tab, ana)
    server.commit(ana)
    exchange(...all, tab)
    expect(cellsAt(ana, '$w/claimedBy')[0]?.value).toHaveLength(2)
    ana.set({ claimedBy: null })
    server.commit(ana)
    exchange(...all, tab)
    expect(tab.view.claimedBy).toBeNull()
    expect(cellsAt(tab, 'claimedBy')).toHaveLength(1)
  })
})

describe('comments', () => {
  it('may be changed and removed by their author alone', () => {
    const [ana, boris] = [ticketOf('ana', { roles: [] }), ticketOf('boris', { roles: [] })]
    const id = ana.list('comments').add({ body: 'on my way', mentions: ['boris'] })
    exchange(ana, boris)
    expect(() => boris.list('comments').set(id, { body: 'no you are not' })).toThrowError(
      expect.objectContaining({ code: 'NOT_PERMITTED', path: `comments/${id}/body` }),
    )
    expect(() => boris.list('comments').remove(id)).toThrowError(
      expect.objectContaining({ code: 'NOT_PERMITTED' }),
    )
    ana.list('comments').set(id, { body: 'there' })
    exchange(ana, boris)
    expect(boris.view.comments).toMatchObject([{ body: 'there', mentions: ['boris'], by: 'ana' }])
  })
})
