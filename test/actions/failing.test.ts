import { afterEach, beforeEach, expect, it } from 'vitest'
import { defineRecord, integer, text, type Value } from '../../shared/index.ts'
import { EventServer } from '../events/event-server.ts'

/** What a program in JavaScript can give back, which knows no types. */
const untyped = (value: unknown): Value => value as Value

const noRooms = (value: unknown) => (): readonly string[] => value as readonly string[]

const untypedRun = (run: unknown): (() => Value) => run as () => Value

const Task = defineRecord('task', {
  fields: { title: text.line() },
  derive: { lookedAt: (_, now) => now },
  actions: {
    greet: { args: { times: integer({ min: 1 }) }, run: ({ args }) => args.times },
    sign: { args: {}, allow: ['lead'], run: () => 'signed' },
    later_perhaps: { args: {}, run: ({ refuse }) => refuse('not now') },
    count: { args: {}, run: ({ next }) => Number(next('task')) },
    big: { args: {}, run: ({ next }) => untyped(BigInt(next('task'))) },
    late: { args: {}, run: () => untyped(Promise.resolve(1)) },
    later: { args: {}, run: () => untyped(Promise.reject(new Error('behind its answer'))) },
    nothing: { args: {}, run: () => untyped(undefined) },
    lost: { args: {}, needs: noRooms([undefined]), run: () => null },
    promised: { args: {}, needs: noRooms(Promise.resolve([])), run: () => null },
    unasked: {
      args: {},
      needs: () => {
        throw new Error('needs what is not there')
      },
      run: () => null,
    },
    needless: { args: {}, needs: () => [null], run: ({ view }) => view('task:1')?.['title'] as string },
    age: {
      args: {},
      run: ({ t, view, now }) => [now - t.lookedAt, now - Number(view('task:1')?.['lookedAt'])],
    },
    long: { args: {}, run: () => 'x'.repeat(70_000) },
    wrong: {
      args: {},
      run: ({ set }) => {
        set({ title: untyped(1) as string })
        return null
      },
    },
    swallowed: {
      args: {},
      run: ({ set, refuse }) => {
        set({ title: 'Ink' })
        try {
          return refuse('not now')
        } catch {
          return 'went on'
        }
      },
    },
    broken: {
      args: {},
      run: () => {
        throw new Error('the inside')
      },
    },
  },
})

let server: EventServer
beforeEach(async () => {
  server = await new EventServer({ types: [Task] }).start()
})
afterEach(() => server.close())

it('an action that fails, or gives what is no answer, is refused and logged, and hinders none asked for with it', async () => {
  const { record } = await server.open(Task, '1', 'ana:Ana:clerk')
  record.set({ title: 'Paint' })
  const act = (name: string) => server.post(`/api/records/task/1/actions/${name}`, 'ana:Ana:clerk')
  await expect
    .poll(async () => (await server.get('/api/records/task/1/history', 'ana:Ana:clerk')).status)
    .toBe(200)
  const [big, late, later, broken, nothing, count] = await Promise.all(
    ['big', 'late', 'later', 'broken', 'nothing', 'count'].map(act),
  )
  for (const refused of [big, late, later, broken]) {
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'ACTION_REFUSED', detail: 'it failed on the server: tell the operator' },
    })
  }
  expect(nothing).toMatchObject({ status: 200, body: { state: 'accepted', result: null } })
  // Nor is a number of the series used up by one that failed.
  expect(count).toMatchObject({ status: 200, body: { state: 'accepted', result: 1 } })
  expect(server.errors).toHaveLength(4)
  expect(server.errors).toContainEqual(
    expect.objectContaining({
      room: 'task:1',
      err: expect.objectContaining({ message: expect.stringContaining('«big» gave is no answer') }),
    }),
  )
})

it('one that names no rooms, writes what does not fit or answers without measure is refused, and those behind it run', async () => {
  const { record } = await server.open(Task, '1', 'ana:Ana:clerk')
  record.set({ title: 'Paint' })
  await expect.poll(async () => (await server.store.readHead('task:1'))?.commit).toBeGreaterThan(0)
  const act = async (name: string) =>
    (await server.post(`/api/records/task/1/actions/${name}`, 'ana:Ana:clerk')).body
  const failed = { code: 'ACTION_REFUSED', detail: 'it failed on the server: tell the operator' }
  for (const name of ['lost', 'promised', 'unasked', 'long']) expect(await act(name)).toMatchObject(failed)
  expect(await act('wrong')).toMatchObject({ code: 'ACTION_REFUSED', detail: 'title: must be text' })
  expect(server.errors).toHaveLength(5)
  // A refusal that was caught in between is one all the same.
  expect(await act('swallowed')).toMatchObject({ code: 'ACTION_REFUSED', detail: 'not now' })
  expect(await act('needless')).toMatchObject({ state: 'accepted', result: 'Paint' })
  // What it looks at says of the time of day what holds now, and not at the last write.
  expect(await act('age')).toMatchObject({ state: 'accepted', result: [0, 0] })
})

it('to be refused for want of a right is another answer than a refusal of the action, and stays it', async () => {
  const { record } = await server.open(Task, '1', 'ana:Ana:clerk')
  record.set({ title: 'Paint' })
  await expect.poll(async () => (await server.store.readHead('task:1'))?.commit).toBeGreaterThan(0)
  const ask = (name: string, who: string) =>
    server.post(`/api/records/task/1/actions/${name}`, who, { id: `${name}-once` })
  const forbidden = {
    status: 403,
    body: { code: 'NOT_PERMITTED', detail: 'only lead may change this', id: 'sign-once', state: 'refused' },
  }
  for (let i = 0; i < 2; i++) {
    expect(await ask('sign', 'ana:Ana:clerk')).toMatchObject(forbidden)
    expect(await ask('later_perhaps', 'ana:Ana:clerk')).toMatchObject({
      status: 409,
      body: { code: 'ACTION_REFUSED', detail: 'not now' },
    })
  }
  expect(record.action('sign-once')).toMatchObject({ state: 'refused', reason: 'only lead may change this' })
  expect(server.errors).toEqual([])
})

it('no function of a record type is async: nobody would wait for it, and its failure would end the server', () => {
  const run = async () => untyped(1)
  expect(() =>
    defineRecord('note', { fields: {}, actions: { sign: { args: {}, run: untypedRun(run) } } }),
  ).toThrow('note.actions.sign.run is an async function')
})

it('says over REST which argument is wrong, and that an id came before with others', async () => {
  const { record } = await server.open(Task, '1', 'ana:Ana:clerk')
  record.set({ title: 'Paint' })
  await expect.poll(async () => (await server.store.readHead('task:1'))?.commit).toBeGreaterThan(0)
  const greet = async (body: object) =>
    (await server.post('/api/records/task/1/actions/greet', 'ana:Ana:clerk', body)).body
  expect(await greet({ args: { times: 0 } })).toMatchObject({
    code: 'BAD_ARGUMENTS',
    detail: 'times must be at least 1',
    paths: ['args'],
  })
  expect(await greet({ args: { tymes: 1 } })).toMatchObject({ code: 'BAD_ARGUMENTS', paths: ['args'] })
  for (let twice = 0; twice < 2; twice++)
    expect(await greet({ args: { times: 2 }, id: 'one' })).toMatchObject({ state: 'accepted', result: 2 })
  expect(await greet({ args: { times: 3 }, id: 'one' })).toMatchObject({
    code: 'IDEMPOTENCY_MISMATCH',
    paths: ['id'],
  })
})
