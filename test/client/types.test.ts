// What TypeScript sees of a desk: each line marked as an error must be one, or the type check of the tree fails.

import { expect, it } from 'vitest'
import type { Desk } from '../../client/desk.ts'
import type { ListQuery } from '../../client/list/list-query.ts'
import { TextInput } from '../../client/react/text-input.tsx'
import { useAction } from '../../client/react/use-action.ts'
import { useBelonging } from '../../client/react/use-events.ts'
import { useField } from '../../client/react/use-field.ts'
import { useKeepOffline } from '../../client/react/use-keep-offline.ts'
import { useList } from '../../client/react/use-list.ts'
import { claim, defineRecord, oneOf, type RecordType, ref, text } from '../../shared/index.ts'

const Task = defineRecord('task', {
  fields: {
    title: text.line({ required: true }),
    notes: text.plain(),
    site: ref('site'),
    state: oneOf('open', 'done'),
  },
  belongsTo: 'site',
  row: t => ({ title: t.title, size: t.notes.length, state: t.state, shown: t.state ?? 'new' }),
  actions: {
    close: { args: { reason: text.line() }, run: ({ args }) => args.reason },
    reopen: {
      args: {},
      // An answer is not needed.
      run: ({ set }) => {
        set({ state: 'open' })
      },
    },
  },
})

/** Of a type and a query that are not known yet. */
const neverListed = <T extends RecordType>(desk: Desk, type: T, query: ListQuery): void => {
  desk.list(type, query)
  useList(type, query)
  useKeepOffline(type)
}

/** Never run: only to be compiled. */
const neverRun = (desk: Desk, anyType: RecordType, anyQuery: ListQuery, anyName: string): void => {
  const task = desk.open(Task, '1')
  task.set({ title: 'Paint' })
  // @ts-expect-error there is no such field
  task.set({ titel: 'Paint' })
  // @ts-expect-error a number is no line of text
  task.set({ title: 5 })
  task.act('close', { reason: 'done' })
  task.act('close')
  task.act('reopen')
  // @ts-expect-error no such action
  task.act('open')
  // @ts-expect-error no such argument
  task.act('close', { because: 'done' })
  // @ts-expect-error an argument of another type
  task.act('close', { reason: 5 })
  desk.belonging(Task, '1').rows(Task)?.[0]?.size satisfies number | undefined
  useBelonging(Task, '1').rows(Task)?.[0]?.size satisfies number | undefined
  // @ts-expect-error the row has no such field
  useBelonging(Task, '1').rows(Task)?.[0]?.notes

  const close = useAction(Task, '1', 'close')
  close.run({ reason: 'done' })
  // @ts-expect-error no such argument
  close.run({ because: 'done' })

  // @ts-expect-error an answer is given at once
  defineRecord('waiting', { fields: {}, actions: { wait: { args: {}, run: async () => 1 } } })

  useField(Task, '1', 'title').value satisfies string | undefined
  useField(Task, '1', 'title').set('Paint')
  // @ts-expect-error a number is no line of text
  useField(Task, '1', 'title').set(5)
  useField(Task, '1', anyName).set(5)
  useField(anyType, '1', 'whatever')
  // @ts-expect-error no such field
  useField(Task, '1', 'titel')
  useField(Task, '1', `notes/${anyName}`)
  TextInput({ type: Task, id: '1', path: 'title', rows: 3 })
  TextInput({ type: Task, id: '1', path: anyName })
  TextInput({ type: anyType, id: '1', path: 'whatever' })
  // @ts-expect-error no such field
  TextInput({ type: Task, id: '1', path: 'titel' })

  const list = desk.list(Task, {
    where: {
      title: { contains: 'x' },
      site: 'site:1',
      $any: [{ size: { gt: 3 } }, { createdBy: claim('sub') }],
    },
    orderBy: ['updated', 'desc'],
    groups: ['site'],
    sums: ['size'],
    limit: 5,
  })
  const title: string | undefined = list.rows?.[0]?.title
  expect(title)
  // @ts-expect-error not in the row
  list.rows?.[0]?.notes
  desk.list(Task)
  desk.list(Task, {})
  // What is not known yet is not asked.
  const unknown = anyName === '' ? undefined : anyName
  const order = anyName === '' ? undefined : (['updated', 'desc'] as const)
  desk.list(Task, { where: { site: unknown, $text: unknown, title: { contains: unknown } }, orderBy: order })
  // @ts-expect-error no such field
  desk.list(Task, { where: { titel: unknown }, orderBy: order })
  desk.list(Task, anyQuery)
  desk.list(anyType, { where: { whatever: 1 }, orderBy: ['whatever'] })
  desk.list(Task, { where: { [anyName]: 1 }, orderBy: [anyName, 'asc'] })
  // @ts-expect-error no such field
  desk.list(Task, { where: { titel: 'x' } })
  // @ts-expect-error no such field, within an alternative
  desk.list(Task, { where: { $any: [{ titel: 'x' }] } })
  desk.list(Task, { where: { state: 'open', shown: { in: ['new', 'done'], ne: 'open' } } })
  desk.list(Task, { where: { state: anyName, $any: [{ state: null }, { state: claim('state') }] } })
  // @ts-expect-error no such choice
  desk.list(Task, { where: { state: 'opne' } })
  // @ts-expect-error no such choice among these
  desk.list(Task, { where: { $any: [{ state: { in: ['open', 'dome'] } }] } })
  // @ts-expect-error nothing to order by
  desk.list(Task, { orderBy: ['titel', 'asc'] })
  // @ts-expect-error nothing to sum
  desk.list(Task, { sums: ['sise'] })
  // @ts-expect-error nothing to group by
  desk.list(Task, { groups: ['sight'] })
  // @ts-expect-error no such part of a query
  desk.list(Task, { where: { title: 'x' }, limits: 5 })
  // @ts-expect-error no such operator
  desk.list(Task, { where: { title: { like: 'x' } } })
  // @ts-expect-error no such direction
  desk.list(Task, { orderBy: ['title', 'up'] })

  useList(Task)
  useList(Task, null)
  useList(Task, anyName === '' ? null : { where: { title: 'x' } })
  // @ts-expect-error no such field
  useList(Task, { where: { titel: 'x' } })
  useKeepOffline(Task, { where: { title: 'x' } })
  // @ts-expect-error no such field
  useKeepOffline(Task, { where: { titel: 'x' } })
  // @ts-expect-error no such field
  desk.keepOffline(Task, { where: { titel: 'x' } })
}

/** Of a type that is not known here, nothing can be said; a query passes as it came. */
const neverRunEither = <T extends RecordType>(desk: Desk, type: T, query: ListQuery): void => {
  desk.list(type, query)
  useList(type, query)
  useField(type, '1', type.name)
}

it('a wrong name or value in the code of an application does not compile', () => {
  expect(neverRun).toBeTypeOf('function')
  expect(neverRunEither).toBeTypeOf('function')
  expect(neverListed).toBeTypeOf('function')
})
