// What TypeScript sees: each line marked as an error must be one, or the type check of the tree fails.

import { describe, expect, it } from 'vitest'
import { connect } from '../../client/index.ts'
import { useText } from '../../client/react/index.ts'
import { defineRecord } from '../../shared/record/define-record.ts'
import type { RowOf, ViewOf } from '../../shared/record/record-type.ts'
import { counter, integer, json, list, money, oneOf, ref, setOf, text } from '../../shared/record/field.ts'
import { cellsAt, type Ticket, ticketOf } from './replicas.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const assertType = <_ extends true>(): void => {}

/** Never run. */
const neverBound = (type: typeof Ticket): void => {
  useText(type, '1', 'description')
  // @ts-expect-error that is no text
  useText(type, '1', 'title')
}

interface Spec {
  readonly kilowatts?: number
  readonly parts: readonly { readonly name: string }[]
}
/** Never run. */
const neverJson = (): void => {
  const Machine = defineRecord('m', { fields: { spec: json<Spec>(), any: json(), words: json<string[]>() } })
  assertType<Equal<ViewOf<typeof Machine>['spec'], Spec | null>>()
  // @ts-expect-error JSON holds no moment
  json<{ readonly at: Date }>()
  // @ts-expect-error nor a function
  json<{ readonly run: () => void }>()
}

/** Never run: a declaration of which a part is wrong is wrong there, and nowhere else. */
const neverDeclared = (): void => {
  const fields = { title: text.line(), state: oneOf('open', 'done'), by: ref('user').merge('first') }
  const right = {
    fields,
    row: (t: { readonly title: string | null }) => ({ title: t.title }),
  }
  defineRecord('a', {
    fields,
    derive: { isOpen: t => t.state === 'open' },
    row: t => ({ title: t.title }),
    // @ts-expect-error there is no such operator
    access: { read: { state: { above: 3 } } },
    actions: { go: { args: { n: integer() }, run: ({ t, args }) => (t.title === '' ? args.n : null) } },
  })
  // @ts-expect-error a rule is no text
  defineRecord('b', { ...right, access: { write: { title: 'lead' } } })
  defineRecord('c', {
    fields,
    derive: { isOpen: t => t.state === 'open' },
    row: t => ({ title: t.title }),
    // @ts-expect-error there is no such field
    belongsTo: 'site',
  })
  defineRecord('d', {
    fields,
    row: t => ({ title: t.title }),
    // @ts-expect-error there is no such level
    notify: () => [{ level: 'information', kind: 'x', sentence: 's' }],
  })
  defineRecord('e', {
    fields,
    row: t => ({ title: t.title }),
    // @ts-expect-error there is no such field
    words: { fr: { fields: { titel: 'titre' } } },
  })
  const plain = defineRecord('f', { fields })
  assertType<Equal<RowOf<typeof plain>['state'], 'open' | 'done' | null>>()
}

/** Never run: only to be compiled. */
const neverRun = (): void => {
  const t = ticketOf('ana')
  t.set({ title: 'Leak', status: 'done', claimedBy: null })
  // @ts-expect-error there is no such field
  t.set({ titel: 'Leak' })
  // @ts-expect-error a number is no line of text
  t.set({ title: 5 })
  // @ts-expect-error not one of the choices
  t.set({ status: 'lost' })
  // @ts-expect-error derived
  t.set({ minutes: 5 })
  // @ts-expect-error a set has verbs of its own
  t.set({ tags: ['wet'] })
  // @ts-expect-error a text is edited as a text
  t.set({ description: 'x' })
  // @ts-expect-error a counter is added to
  t.set({ partsUsed: 5 })
  // @ts-expect-error money is a number
  t.set({ quote: '12.00' })

  t.list('times').add({ start: 5, note: 'x' })
  // @ts-expect-error no such list
  t.list('checks')
  // @ts-expect-error no such part
  t.list('times').add({ begin: 5 })
  // @ts-expect-error a time is a number
  t.list('times').add({ start: '8:00' })
  // @ts-expect-error who added it is not for the writer to say
  t.list('times').set('x', { by: 'boris' })
  t.list('lines').counter('x', 'used').add(1)
  // @ts-expect-error no counter of the entry
  t.list('lines').counter('x', 'quantity')
  t.list('comments').union('x', 'mentions').add('boris')
  // @ts-expect-error no set of the entry
  t.list('comments').union('x', 'body')

  t.log('checks').add({ kind: 'in' })
  // @ts-expect-error not one of the choices
  t.log('checks').add({ kind: 'sideways' })
  // @ts-expect-error no log
  t.log('times')
  t.counter('partsUsed').add(1)
  // @ts-expect-error no counter
  t.counter('quote')
  // @ts-expect-error no set
  t.union('title')
  // @ts-expect-error no text that merges by character
  t.text('title')
  t.field('quote')
  t.field('times/mon/start')
  // @ts-expect-error no such field
  t.field('price')
  t.act('close', { reason: 'x' })
  // @ts-expect-error no such action
  t.act('open', {})
  // @ts-expect-error no such argument
  t.act('close', { because: 'x' })

  const Walk = defineRecord('walk', {
    fields: {
      number: text.line(),
      km: integer(),
      car: text.line({ required: true }).merge('first'),
      damages: list({ where: text.line({ required: true }), note: text.line() }),
    },
    actions: {
      go: {
        args: {},
        run: ({ set, next }) => {
          set({ number: `W-${next('walk')}`, km: 5, 'damages/1/note': 'x' })
          set({ whatever: 'the other one has' }, 'car:1')
          // @ts-expect-error there is no such field
          set({ numbr: 'W-1' })
          // @ts-expect-error a whole number is no text
          set({ km: '5' })
          return null
        },
      },
    },
  })
  const desk = connect({ records: [Walk], token: async () => '' })
  desk.create(Walk, { car: 'car:1', km: null }).list('damages').add({ where: 'door' })
  // @ts-expect-error a walk needs a car
  desk.create(Walk, { number: 'W-1' })
  // @ts-expect-error and not none
  desk.create(Walk, { car: null })
  // @ts-expect-error a damage is somewhere
  desk.open(Walk, '1').list('damages').add({ note: 'a scratch' })

  // @ts-expect-error a view is read
  t.view.title = 'x'
  // @ts-expect-error and so are its lists
  t.view.times.push()
  // @ts-expect-error not declared
  t.view.price

  // @ts-expect-error a default has the type of its field
  oneOf('a', 'b').default('c')
  // @ts-expect-error not a policy
  text.line().merge('newest')
  // @ts-expect-error a rule of no field's name would never be asked; the type says boolean, roles or function
  defineRecord('x', { fields: { a: text.line() }, access: { write: { a: 5 } } })
  defineRecord('x', {
    fields: { a: text.line() },
    // @ts-expect-error the view has no such field
    row: t => ({ b: t.b }),
  })
}

describe('types', () => {
  it('follow from the declaration', () => {
    type View = ViewOf<typeof Ticket>
    assertType<Equal<View['title'], string | null>>()
    assertType<Equal<View['status'], 'open' | 'in_progress' | 'waiting' | 'done'>>()
    assertType<Equal<View['quote'], number | null>>()
    assertType<Equal<View['tags'], readonly string[]>>()
    assertType<Equal<View['partsUsed'], number>>()
    assertType<Equal<View['description'], string>>()
    assertType<Equal<View['minutes'], number>>()
    assertType<Equal<View['isLate'], boolean>>()
    assertType<Equal<View['times'][number]['start'], number | null>>()
    assertType<Equal<View['times'][number]['by'], string>>()
    assertType<Equal<View['checks'][number]['kind'], 'in' | 'out' | null>>()
    assertType<Equal<View['removed'], boolean>>()

    const Part = defineRecord('part', {
      fields: {
        name: text.line({ required: true }),
        stock: counter(),
        price: money(),
        bins: list({ tags: setOf(text.line()) }),
      },
      row: t => ({ name: t.name, stock: t.stock }),
    })
    type Row = RowOf<typeof Part>
    assertType<Equal<Row['name'], string>>()
    assertType<Equal<Row['stock'], number>>()
    assertType<Equal<Row['updatedBy'], string>>()
    assertType<Equal<ViewOf<typeof Part>['bins'][number]['tags'], readonly string[]>>()
    expect([neverRun, neverBound, neverJson, neverDeclared].map(run => typeof run)).toEqual(
      Array(4).fill('function'),
    )
  })

  it('hold at run time: what an empty record reads as', () => {
    const { view } = ticketOf('ana')
    expect(view).toMatchObject({
      title: null,
      status: 'open',
      tags: [],
      partsUsed: 0,
      description: '',
      times: [],
      created: null,
      createdBy: '',
      removed: false,
    })
    expect(cellsAt(ticketOf('ana'), 'title')).toEqual([])
  })
})
