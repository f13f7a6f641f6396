// What may not be written is refused with a code, a path and a sentence, and nothing of it is written.

import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { createMe } from '../../shared/record/access.ts'
import { defineRecord } from '../../shared/record/define-record.ts'
import { localId } from '../../shared/record/room-name.ts'
import {
  blob,
  counter,
  integer,
  list,
  log,
  money,
  oneOf,
  ref,
  setOf,
  text,
} from '../../shared/record/field.ts'
import { claim } from '../../shared/record/filter.ts'
import { openRecord } from '../../shared/record/open-record.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import { rowOf } from '../../shared/record/row.ts'
import type { Value } from '../../shared/record/value.ts'
import { errorCodes } from '../../shared/wire/error-codes.ts'
import { exchange, openOn, ticketOf, untyped } from './replicas.ts'

const refusalOf = (write: () => unknown): RecordError => {
  try {
    write()
  } catch (error) {
    if (error instanceof RecordError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const ticket = () => {
  const record = ticketOf('ana')
  record.set({ title: 'Leak' })
  return record
}

describe('a wrong path', () => {
  it.each([
    ['nothing', 'BAD_PATH', 'is no field of ticket'],
    ['title/part', 'BAD_PATH', 'is no part of ticket.title'],
    ['times', 'BAD_PATH', 'is a list: its entries are added'],
    ['times/mon/nothing', 'BAD_PATH', 'is no part of ticket.times'],
    ['times/mon/start/deep', 'BAD_PATH', 'is no part of ticket.times'],
    ['tags', 'BAD_PATH', 'is a set: its elements are added'],
    ['partsUsed', 'BAD_PATH', 'is a counter: it is added to'],
    ['checks', 'BAD_PATH', 'is a log: entries are added to it'],
    ['tags/', 'BAD_PATH', 'empty part'],
    ['times//start', 'BAD_PATH', 'empty part'],
    ['description', 'BAD_PATH', 'is a text'],
    ['$else', 'BAD_PATH', 'is no field'],
    ['toString', 'BAD_PATH', 'is no field of ticket'],
    ['__proto__', 'BAD_PATH', 'is no field of ticket'],
    [`tags/${'x'.repeat(600)}`, 'BAD_PATH', 'too long'],
    ['minutes', 'READ_ONLY_FIELD', 'is derived'],
    ['$w/claimedBy', 'READ_ONLY_FIELD', 'by the server alone'],
    ['$results/1', 'READ_ONLY_FIELD', 'by the server alone'],
  ] as const)('%s is refused: %s', (path, code, words) => {
    const record = ticket()
    const before = Y.encodeStateAsUpdate(record.doc)
    const error = refusalOf(() => record.write(path, true))
    expect(error).toMatchObject({ code, path })
    expect(error.problems[0]?.sentence).toContain(words)
    expect(Object.hasOwn(errorCodes, error.code)).toBe(true)
    expect(Y.encodeStateAsUpdate(record.doc)).toEqual(before)
  })

  it('is refused by the handles too', () => {
    const record = untyped(ticket())
    for (const open of [
      () => record.list('title'),
      () => record.log('times'),
      () => record.counter('tags'),
    ]) {
      expect(refusalOf(open).code).toBe('BAD_PATH')
    }
    expect(refusalOf(() => record.union('partsUsed')).code).toBe('BAD_PATH')
    expect(refusalOf(() => record.text('title')).code).toBe('BAD_PATH')
    expect(refusalOf(() => record.field('nothing')).code).toBe('BAD_PATH')
    expect(refusalOf(() => record.list('times').set('none', { start: 1 })).code).toBe('NO_SUCH_ENTRY')
    expect(refusalOf(() => record.list('times').remove('none')).code).toBe('NO_SUCH_ENTRY')
    expect(refusalOf(() => record.list('times').add({}, { id: '' })).code).toBe('BAD_PATH')
    expect(refusalOf(() => record.union('tags').add('')).code).toBe('BAD_PATH')
  })
})

describe('a wrong value', () => {
  const fields: readonly (readonly [string, unknown])[] = [
    ['title', 5],
    ['title', 'x'.repeat(201)],
    ['title', ['a']],
    ['status', 'lost'],
    ['priority', 0],
    ['floor', 1.5],
    ['floor', Number.NaN],
    ['weight', -1],
    ['weight', Number.POSITIVE_INFINITY],
    ['urgent', 'yes'],
    ['due', -5],
    ['due', 'tomorrow'],
    ['site', 'user:1'],
    ['site', 'site:'],
    ['claimedBy', ''],
    ['quote', 12.5],
    ['tags/wet', 1],
    ['tags/wet', null],
    ['partsUsed/1', 1.5],
    ['partsUsed/1', '5'],
    ['checks/1', { kind: 'sideways' }],
    ['checks/1', { kind: 'in', more: 1 }],
    ['checks/1', 'in'],
    ['scans/1', { quantity: 1 }],
    ['times/mon/start', '8:00'],
    ['times/mon/$created', false],
    ['times/mon', { seen: 'everything' }],
    ['times/mon', { seen: [[1, 2]] }],
    ['', { seen: [] }],
    ['', true],
    ['lines/1/pos', 'a00'],
    ['lines/1/pos', ''],
    ['lines/1/pos', 'ž'],
    ['photos/1/file', { hash: 'abc', type: 'image/png', bytes: 1, name: 'a.png' }],
    ['photos/1/file', { hash: 'a'.repeat(64), type: 'text/html', bytes: 1, name: 'a.png' }],
    ['$actions/1', { name: 'nothing', args: {} }],
    ['$actions/1', { name: 'close', args: {} }],
    ['$actions/1', { name: 'close', args: { reason: 'x', more: 1 } }],
    ['$created', 'now'],
  ]
  it.each(fields)('at %s, %j is refused', (path, value) => {
    const record = ticket()
    const before = Y.encodeStateAsUpdate(record.doc)
    const error = refusalOf(() => record.write(path, value as Value))
    expect(error).toMatchObject({ code: 'BAD_VALUE', path })
    expect(error.problems[0]?.sentence).not.toBe('')
    expect(Y.encodeStateAsUpdate(record.doc)).toEqual(before)
  })

  it('among good ones keeps them all from being written, and every problem is named', () => {
    const record = ticket()
    const before = record.view
    const wrong = { title: 'Flood', status: 'lost', floor: 'ground', minutes: 5 }
    const error = refusalOf(() => untyped(record).set(wrong))
    expect(error.problems.map(({ code, path }) => [code, path])).toEqual([
      ['BAD_VALUE', 'status'],
      ['BAD_VALUE', 'floor'],
      ['READ_ONLY_FIELD', 'minutes'],
    ])
    expect(record.view).toBe(before)
    expect(record.canUndo).toBe(true)
    expect(error.message).toContain('status')
  })

  it('in an entry keeps the entry from being added', () => {
    const record = untyped(ticket())
    expect(refusalOf(() => record.list('times').add({ start: 1, note: 5 })).path).toMatch(/^times\/.*\/note$/)
    expect(record.view.times).toEqual([])
  })
})

describe('an entry of a log', () => {
  it('does not change once it is written, through any door', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.log('scans').add({ item: 'bolt' }, { id: 's1' })
    exchange(ana, boris)
    const attempts = [
      () => ana.log('scans').add({ item: 'nut' }, { id: 's1' }),
      () => ana.write('scans/s1', { item: 'nut' }),
      () => ana.write('scans/s1', null),
      () => ana.settle('scans/s1', { item: 'nut' }),
      () => boris.log('scans').add({ item: 'bolt' }, { id: 's1' }),
    ]
    for (const attempt of attempts)
      expect(['LOG_ENTRY_CHANGED', 'BAD_VALUE']).toContain(refusalOf(attempt).code)
    expect(ana.view.scans).toMatchObject([{ item: 'bolt', by: 'ana' }])
  })
})

describe('an entry that never was', () => {
  it('has no counter, no set and no place to write to, until it is added, with them in one go too', () => {
    const record = ticket()
    const lines = record.list('lines')
    const counter = lines.counter('none', 'used')
    const before = Y.encodeStateAsUpdate(record.doc)
    expect(refusalOf(() => counter.add(1))).toMatchObject({
      code: 'NO_SUCH_ENTRY',
      path: `lines/none/used/${record.doc.clientID}`,
    })
    expect(Y.encodeStateAsUpdate(record.doc)).toEqual(before)
    lines.add({ name: 'a' }, { id: 'none' })
    counter.add(1)
    expect(lines.get('none')).toMatchObject({ used: 1 })
    // As an older version wrote it, without a mark.
    record.write('lines/bare/name', 'b')
    lines.counter('bare', 'used').add(2)
    expect(lines.get('bare')).toMatchObject({ name: 'b', used: 2 })
  })
})

describe('a removed entry', () => {
  it('takes no writes, and says what to do', () => {
    const record = ticket()
    record.list('times').add({ start: 1 }, { id: 'mon' })
    record.list('lines').add({ name: 'a' }, { id: 'l' })
    const counter = record.list('lines').counter('l', 'used')
    record.list('times').remove('mon')
    record.list('lines').remove('l')
    expect(refusalOf(() => record.write('times/mon/start', 5))).toMatchObject({
      code: 'REMOVED',
      path: 'times/mon/start',
    })
    expect(refusalOf(() => counter.add(1)).code).toBe('REMOVED')
    expect(refusalOf(() => record.list('times').set('mon', { start: 5 })).code).toBe('NO_SUCH_ENTRY')
    expect(record.conflicts).toEqual([])
  })
})

describe('a rule', () => {
  it('may hand on what it is asked, with the record in it', () => {
    const isOpen = ({ t }: { readonly t: { readonly state: string | null } }): boolean => t.state !== 'closed'
    const Task = defineRecord('task', {
      fields: { title: text.line(), state: oneOf('open', 'closed') },
      access: { write: { title: context => isOpen({ ...context }) } },
    })
    const me = createMe({ id: 'ana', name: 'Ana', roles: [], claims: {} })
    const task = openRecord(Task, new Y.Doc(), { author: 'ana', me })
    task.set({ title: 'Boiler', state: 'closed' })
    expect(refusalOf(() => task.set({ title: 'Pump' })).code).toBe('NOT_PERMITTED')
  })
})

describe('a required field', () => {
  const Note = defineRecord('note', { fields: { title: text.line({ required: true }), body: text.line() } })
  it('must be there when the record is created, and cannot be emptied', () => {
    const record = openOn(Note, 'ana')
    expect(refusalOf(() => record.set({ body: 'x' }))).toMatchObject({ code: 'REQUIRED', path: 'title' })
    expect(record.view.created).toBeNull()
    record.set({ title: 'One', body: 'x' })
    expect(refusalOf(() => record.set({ title: null })).code).toBe('BAD_VALUE')
    expect(refusalOf(() => record.set({ title: '  ' })).code).toBe('BAD_VALUE')
  })
})

describe('a required part', () => {
  const Walk = defineRecord('walk', {
    fields: { damages: list({ where: text.line({ required: true }), note: text.line() }) },
  })
  it('must be there when an entry is added, and cannot be emptied', () => {
    const record = openOn(Walk, 'ana')
    expect(refusalOf(() => untyped(record).list('damages').add({ note: 'x' }))).toMatchObject({
      code: 'REQUIRED',
      path: expect.stringMatching(/^damages\/.*\/where$/),
    })
    expect(record.view).toMatchObject({ created: null, damages: [] })
    record.list('damages').add({ where: 'door' }, { id: 'd' })
    expect(refusalOf(() => record.list('damages').set('d', { where: null })).code).toBe('BAD_VALUE')
    record.list('damages').remove('d')
    untyped(record).list('damages').add({ note: 'again' }, { id: 'd' })
    expect(record.view.damages).toMatchObject([{ where: 'door', note: 'again' }])
  })
})

describe('what is asked of a record by nothing', () => {
  const nothing = undefined as never
  it.each<[string, (record: ReturnType<typeof ticket>) => unknown]>([
    ['field', record => record.field(nothing)],
    ['write', record => record.write(nothing, 1)],
    ['settle', record => record.settle(nothing, 1)],
    ['restore', record => record.restore(null as never)],
  ])('is refused as a path: %s', (_what, ask) => {
    expect(refusalOf(() => ask(ticket()))).toMatchObject({ code: 'BAD_PATH' })
  })

  it('is written together by a function that answers at once', () => {
    const record = ticket()
    expect(() => record.together(nothing)).toThrow('together is given a function')
    expect(() => record.together((async () => record.set({ title: 'Late' })) as never)).toThrow('at once')
    expect(() => record.together((() => Promise.resolve()) as never)).toThrow('at once')
    expect(record.view.title).toBe('Leak')
  })
})

describe('a record', () => {
  const Plain = defineRecord('plain', { fields: { a: text.line() } })
  it.each<[readonly unknown[], string]>([
    [[], 'no record type'],
    [[Plain], 'given a Y.Doc'],
    [[new Y.Doc(), Plain, { author: 'ana' }], 'no record type'],
    [[Plain, new Y.Doc()], 'told who writes'],
    [[Plain, new Y.Doc(), { author: '' }], 'told who writes'],
    [[Plain, new Y.Doc(), { author: 'ana', auther: 'ana' }], 'no option «auther»'],
  ])('is not opened with %#', (given, sentence) => {
    expect(() => openRecord(...(given as Parameters<typeof openRecord>))).toThrow(sentence)
  })
})

describe('the id behind a ref', () => {
  it('is what stands behind the colon, and null where there is none', () => {
    const Site = defineRecord('site', { fields: {} })
    expect(localId(Site, 'site:a:b')).toBe('a:b')
    expect(localId('site', 'EST-1')).toBe('EST-1')
    expect(localId(Site, null)).toBeNull()
    expect(localId(Site, undefined)).toBeNull()
  })
})

describe('a deprecated field', () => {
  const label = text.line({ required: true }).deprecated('name')
  const Old = defineRecord('old', { fields: { name: text.line(), label } })
  it('is still read, asked of nobody, and names what to write instead', () => {
    const record = openOn(Old, 'ana')
    record.set({ name: 'new' })
    record.doc.getArray('cells').push([['label', 'kept', 1024, 'ana']])
    expect(record.view.label).toBe('kept')
    expect(refusalOf(() => record.set({ label: 'x' })).problems[0]?.sentence).toContain('use name')
  })
})

describe('permissions', () => {
  const Order = defineRecord('order', {
    fields: {
      status: oneOf('open', 'closed').default('open'),
      price: text.line(),
      notes: list({ text: text.line() }),
    },
    access: {
      create: ['office'],
      remove: ['office'],
      write: {
        '*': ({ me, t }) => t.status === 'open' || me.is('office') || 'the order is closed',
        price: ['office'],
        'notes.text': ({ value }) => value !== 'rude' || 'be polite',
      },
    },
  })
  const as = (role: string) => {
    const doc = new Y.Doc()
    return openOn(Order, role, {
      doc,
      more: { me: createMe({ id: role, name: role, roles: [role], claims: {} }) },
    })
  }

  it('hold before a write is made: by role, by state, by field of an entry', () => {
    const [office, shop] = [as('office'), as('shop')]
    expect(refusalOf(() => shop.set({ status: 'open' }))).toMatchObject({
      code: 'NOT_PERMITTED',
      path: '$created',
    })
    expect(refusalOf(() => shop.set({ status: 'open' })).message).toMatch(/^the record: only office /)
    office.set({ status: 'open' })
    exchange(office, shop)
    expect(refusalOf(() => shop.set({ price: '5' })).problems[0]?.sentence).toBe(
      'only office may change this',
    )
    expect(refusalOf(() => shop.list('notes').add({ text: 'rude' })).problems[0]?.sentence).toBe('be polite')
    shop.list('notes').add({ text: 'fine' })
    expect(refusalOf(() => shop.remove()).code).toBe('NOT_PERMITTED')
    office.set({ status: 'closed' })
    exchange(office, shop)
    expect(refusalOf(() => shop.set({ status: 'open' })).problems[0]?.sentence).toBe('the order is closed')
  })

  it('a write of a field that rules read keeps its unsaved forerunners, so that they can be judged in order', () => {
    let savedClock = 0
    const doc = new Y.Doc()
    const record = openOn(Order, 'office', { doc, more: { savedClock: () => savedClock } })
    record.set({ status: 'closed' })
    record.set({ status: 'open' })
    record.set({ status: 'closed' })
    expect(record.index.at('status').map(({ value }) => value)).toEqual(['closed', 'open', 'closed'])
    expect(record.view.status).toBe('closed')
    expect(record.conflicts).toEqual([])
    record.settle('status', 'open')
    expect(record.index.at('status')).toHaveLength(4)
    savedClock = Y.getState(doc.store, doc.clientID)
    record.set({ status: 'closed' })
    expect(record.index.at('status').map(({ value }) => value)).toEqual(['closed'])
    record.set({ price: '1' })
    record.set({ price: '2' })
    expect(record.index.at('price')).toHaveLength(1)
    // Undone, what stood before stands again, though its cell is still there.
    record.undo()
    expect(record.view.price).toBe('1')
  })
})

it.each([undefined, null, 0, {}, Promise.resolve(true)])('a rule that answers %s permits nothing', given => {
  const Note = defineRecord('note', {
    fields: { title: text.line() },
    access: { write: { title: () => given as unknown as boolean } },
  })
  const me = createMe({ id: 'ana', name: 'Ana', roles: [], claims: {} })
  const note = openRecord(Note, new Y.Doc(), { author: 'ana', me })
  expect(refusalOf(() => note.set({ title: 'Leak' }))).toMatchObject({ code: 'NOT_PERMITTED', path: 'title' })
})

const nothing = (): null => null

const fail = (): never => {
  throw new TypeError('asks for more than is there')
}

describe('a declaration', () => {
  it('that cannot work is refused when it is made', () => {
    expect(() => defineRecord('Bad Name', { fields: {} })).toThrow(TypeError)
    expect(() => defineRecord('x', { fields: { id: text.line() } })).toThrow(TypeError)
    expect(() => defineRecord('x', { fields: { 'a/b': text.line() } })).toThrow(TypeError)
    expect(() => defineRecord('x', { fields: { a: list({ pos: text.line() }) } })).toThrow(TypeError)
    expect(() => defineRecord('x', { fields: { a: text.line() }, access: { write: { b: true } } })).toThrow(
      TypeError,
    )
    expect(() => oneOf('a', 'b').default('c' as 'a')).toThrow(TypeError)
    expect(() => oneOf('a', 'a')).toThrow('each once')
    expect(() => text.line().merge('newest' as 'last')).toThrow('«newest» is no merge policy')
    expect(() => blob({ types: ['png'] })).toThrow('image/png')
    expect(() => text.line({ maximum: 3 } as never)).toThrow('text.line has no option «maximum»')
    expect(() => integer({ min: 3, max: 1 })).toThrow('at least 3 and at most 1')
    expect(() => list({ a: text.line() }, { order: 'manul' as 'manual' })).toThrow('«manul» is no order')
    expect(() => list({ a: text.plain() as never })).toThrow('list cannot hold «a», which is text')
    expect(() => log({ a: setOf(text.line()) as never })).toThrow('log cannot hold «a», which is set')
  })

  it.each<[string, () => unknown, string]>([
    ['no name', () => defineRecord(null as never, { fields: {} }), '«null» cannot be a record type'],
    ['nothing declared', () => defineRecord('x', undefined as never), 'x is an object: { fields, '],
    ['no fields', () => defineRecord('x', {} as never), 'x.fields are the fields by name'],
    ['fields in a list', () => defineRecord('x', { fields: [] as never }), 'x.fields are the fields by name'],
    [
      'no options',
      () => text.line(200 as never),
      'text.line is given its options by name: { max, required }',
    ],
    ['a limit of another kind', () => text.plain({ max: '9' as never }), 'max is a whole number from 1 on'],
    ['a flag of another kind', () => text.line({ required: 'yes' as never }), 'required is true or false'],
    ['names that are none', () => blob({ types: 'image/*' as never }), 'types is a list of texts'],
    ['an end that is no number', () => integer({ min: 'a' as never }), 'min is a number'],
    ['choices in a list', () => oneOf(['a', 'b'] as never), "as oneOf('a', 'b')"],
    ['a type for its name', () => ref(defineRecord('car', { fields: {} }) as never), "as ref('car')"],
    [
      'options where there are none',
      () => (counter as (options: object) => unknown)({ min: 0 }),
      'counter() takes nothing',
    ],
    ['a claim without a name', () => claim(''), "as claim('sub')"],
    ['an entry of nothing', () => list(undefined as never), 'list is given the parts of an entry by name'],
    [
      'a successor without a name',
      () => text.line().deprecated(undefined as never),
      'what is written instead',
    ],
  ])('nor does one begin with %s', (_what, declare, sentence) => {
    expect(declare).toThrow(sentence)
  })

  it.each([
    ['a word that it has not', { acess: {} }, 'x has no «acess»: there are fields, '],
    ['a right that it has not', { access: { update: false } }, 'x.access has no «update»: there are read, '],
    ['a list that it has not', { list: { order: ['a'] } }, 'x.list has no «order»'],
    [
      'an action’s word',
      { actions: { go: { args: {}, run: nothing, may: [] } } },
      'x.actions.go has no «may»',
    ],
    ['a builder that was not called', { fields: { a: text.line } }, 'x.a is no field'],
    ['a field of a kind of its own', { fields: { a: { kind: 'line' } } }, 'x.a is no field'],
    ['an action that is none', { actions: { go: null } }, 'x.actions.go is an object'],
    ['rules that are none', { access: { write: null } }, 'x.access.write is an object'],
    ['a name for a list of names', { list: { orders: 'a' } }, 'x.list.orders is a list of names'],
    ['words that are none', { words: { fr: null } }, 'x.words.fr is an object'],
    ['a row that is none', { row: () => 'a' }, 'x.row gives no row'],
    [
      'a row that knows the time',
      {
        derive: { late: (_: unknown, now: number) => now > 0 },
        row: (t: { late: boolean }) => ({ late: t.late }),
      },
      'Leave it out, and give the moment at which it becomes another as changesAt',
    ],
    ['a field of its prototype', { access: { write: { toString: false } } }, 'names «toString»'],
    ['to belong by what refers to nothing', { belongsTo: 'a' }, 'which is no ref to another record'],
    ['to belong to a person', { belongsTo: 'who' }, 'which is no ref to another record'],
    ['to take over what nobody holds', { access: { takeOver: { a: true } } }, 'does not merge by «first»'],
    ['a reader by what is no operator', { access: { read: { a: { $in: ['x'] } } } }, 'no operator $in'],
    ['a reader by a list', { access: { read: { a: ['x'] } } }, 'x.access.read is no filter: a: '],
    ['a reader by what is not there', { access: { read: { a: undefined } } }, 'x.access.read is no filter'],
    ['a right by a role’s bare name', { access: { write: { a: 'desk' } } }, 'x.access.write.a is no rule'],
    ['a right by what is not there', { access: { create: undefined } }, 'x.access.create is no rule'],
    [
      'an action for whoever',
      { actions: { go: { args: {}, run: nothing, allow: 'desk' } } },
      'go.allow is no rule',
    ],
    ['an action without arguments', { actions: { go: { run: nothing } } }, 'x.actions.go has no args'],
    ['an action that does nothing', { actions: { go: { args: {} } } }, 'x.actions.go.run is no function'],
    [
      'numbers of no series',
      { actions: { go: { args: {}, run: nothing, numbers: { field: 'a' } } } },
      'x.actions.go.numbers names a series and a field of the row',
    ],
    [
      'numbers of a series that is none',
      { actions: { go: { args: {}, run: nothing, numbers: { series: 7, field: 'a' } } } },
      'x.actions.go.numbers names a series and a field of the row',
    ],
    [
      'numbers in what its row has not',
      { actions: { go: { args: {}, run: nothing, numbers: { series: 'x', field: 'b' } } } },
      'actions.go.numbers names «b»',
    ],
    ['arguments that no request holds', { actions: { go: { args: { n: counter() } } } }, 'cannot hold «n»'],
    ['notices that are no function', { notify: [{ level: 'info' }] }, 'x.notify is no function'],
    ['a figure that is none', { derive: { sum: 3 } }, 'x.derive.sum is no function'],
    [
      'to be read by what its row has not',
      { access: { read: { $any: [{ titel: 1 }] } } },
      'access.read names «titel»',
    ],
  ])('is refused with %s, by TypeScript or not', (_, more, sentence) => {
    const spec = { fields: { a: text.line(), who: ref('user') }, ...more }
    expect(() => defineRecord('x', spec as never)).toThrow(sentence)
  })

  it.each(['orders', 'equal', 'search'])('is refused where %s of its list names what no row has', by => {
    const fields = { title: text.line(), due: integer() }
    const list = { [by]: ['title', 'due', 'updated'] }
    expect(() => defineRecord('x', { fields, list, row: t => ({ title: t.title }) })).toThrow(
      `x: list.${by} names «due»`,
    )
    expect(defineRecord('x', { fields, list }).name).toBe('x')
    const needsTitle = (title: string | null): string => title?.slice(0, 3) ?? fail()
    expect(defineRecord('x', { fields, list, row: t => ({ short: needsTitle(t.title) }) }).name).toBe('x')
  })

  it('is refused where a row has what is no JSON; a figure of nothing is an empty one', () => {
    const fields = { title: text.line(), price: money() }
    const row = (of: (title: string) => unknown) =>
      defineRecord('x', { fields, row: t => ({ a: { b: of(t.title ?? '') } as never }) })
    expect(() => row(() => 7n)).toThrow(
      'x.row gives «a» what a row cannot hold: a value must be JSON, not bigint',
    )
    expect(() => row(() => new Date(0))).toThrow('x.row gives «a»')
    expect(() => row(title => title.length)).not.toThrow()
    const Ratio = defineRecord('x', { fields, row: t => ({ each: (t.price ?? 0) / 0 }) })
    expect(
      rowOf(Ratio, openRecord(Ratio, new Y.Doc(), { author: 'ana' }).view, { updated: 0, updatedBy: '' }),
    ).toMatchObject({ each: null })
  })
})
