import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LevelStore } from '../../server/store/level-store.ts'
import { Ticket } from '../room/ticket.ts'
import { type Answer, type Ask, RestServer } from './rest-client.ts'

let server: RestServer
let ana: Ask
let bo: Ask
let office: Ask

beforeEach(async () => {
  server = await RestServer.start({ records: [Ticket] })
  ana = await server.as('ana')
  bo = await server.as('bo')
  office = await server.as('ofi', 'office')
})

afterEach(async () => {
  await server.close()
})

const create = (values: object = {}): ReturnType<Ask> =>
  ana('POST', '/api/records/ticket', { id: '1', title: 'Leak', ...values })

describe('a record over REST', () => {
  it.each(['.', '..', 'a~b', 'a\nb', '\ud800', '', 7, 'x'.repeat(201)])(
    'is not begun under an id that no address leads to: %j',
    async id => {
      const refusal = { status: 400, body: { code: 'BAD_REQUEST', paths: ['id'] } }
      expect(await create({ id })).toMatchObject(refusal)
      const operations = [{ op: 'create', type: 'ticket', id, values: { title: 'Leak' } }]
      const { body } = await ana('POST', '/api/records', { operations })
      expect(body.results).toMatchObject([refusal])
    },
  )

  it.each(['a/b', '...', 'a.b', '%2e%2e', '..%2f', 'ć:№ 1', '__proto__', '日'.repeat(200)])(
    'is reached where its Location says: %s',
    async id => {
      const { status, headers } = await create({ id })
      expect(status).toBe(201)
      expect((await bo('GET', headers.get('location') ?? '')).body).toMatchObject({ id })
    },
  )

  it('is created, read, changed, removed and restored, each under its own tag', async () => {
    const created = await create({ tags: ['wet'], partsUsed: { add: 2 }, notes: 'drip' })
    expect(created).toMatchObject({
      status: 201,
      body: { room: 'ticket:1', createdBy: 'ana', removed: false },
    })
    expect(created.headers.get('location')).toBe('/api/records/ticket/1')
    const read = await bo('GET', '/api/records/ticket/1')
    expect(read.body).toEqual(created.body)
    expect(read.etag).toBe(created.etag)
    expect(read.body.record).toMatchObject({
      title: 'Leak',
      tags: ['wet'],
      partsUsed: 2,
      notes: 'drip',
      openSteps: 0,
    })
    const patched = await bo(
      'PATCH',
      '/api/records/ticket/1',
      { status: 'waiting' },
      { 'if-match': read.etag },
    )
    expect(patched).toMatchObject({
      status: 200,
      body: { record: { status: 'waiting', title: 'Leak' }, updatedBy: 'bo' },
    })
    expect(patched.etag).not.toBe(read.etag)
    // As programs send it that name the type with every request.
    const removed = await office('DELETE', '/api/records/ticket/1', '', {
      'content-type': 'application/json',
    })
    expect(removed).toMatchObject({ status: 200, body: { removed: true } })
    expect(await bo('PATCH', '/api/records/ticket/1', { status: 'done' })).toMatchObject({
      status: 409,
      body: { code: 'REMOVED' },
    })
    const restored = await office('POST', '/api/records/ticket/1/restore')
    expect(restored).toMatchObject({ status: 200, body: { removed: false, record: { status: 'waiting' } } })
  })

  it.each([
    ['DELETE', '', 'purge'],
    ['PATCH', '', 'dryRun'],
    ['PATCH', '', 'again'],
    ['POST', '/restore', 'at'],
    ['POST', '/history/restore', 'at'],
    ['POST', '/actions/none', 'dryRun'],
  ])(
    'is not written to by %s %s with a wish in the address that nothing there grants: %s',
    async (method, way, wish) => {
      const before = await create()
      const body = method === 'DELETE' ? undefined : {}
      expect(await ana(method, `/api/records/ticket/1${way}?${wish}=true`, body)).toMatchObject({
        status: 400,
        body: { code: 'BAD_REQUEST', paths: [wish] },
      })
      expect((await ana('GET', '/api/records/ticket/1')).etag).toBe(before.etag)
    },
  )

  it('is not sent again to who has it', async () => {
    const { etag } = await create()
    const again = await ana('GET', '/api/records/ticket/1', undefined, { 'if-none-match': etag })
    expect(again).toMatchObject({ status: 304, body: '' })
    await ana('PATCH', '/api/records/ticket/1', { status: 'done' })
    expect((await ana('GET', '/api/records/ticket/1', undefined, { 'if-none-match': etag })).status).toBe(200)
  })

  it('takes lists by the ids of their entries: adds, changes, moves, removes', async () => {
    await create({ steps: [{ label: 'a' }, { label: 'b' }] })
    const { body } = await ana('PATCH', '/api/records/ticket/1', { steps: { c: { label: 'c', $at: 0 } } })
    const [first, a, b] = body.record.steps
    expect([first.label, a.label, b.label]).toEqual(['c', 'a', 'b'])
    const changed = await ana('PATCH', '/api/records/ticket/1', {
      steps: { [a.id]: { done: 'yes' }, [b.id]: { $at: 0 }, c: null },
      'steps/none': 1,
    })
    expect(changed).toMatchObject({ status: 422, body: { paths: ['steps/none'] } })
    const done = await ana('PATCH', '/api/records/ticket/1', {
      steps: { [a.id]: { done: 'yes' }, [b.id]: { $at: 0 }, c: null },
    })
    expect(done.body.record.steps).toMatchObject([{ label: 'b' }, { label: 'a', done: 'yes' }])
    expect(done.body.record.openSteps).toBe(1)
    const byPath = await ana('PATCH', '/api/records/ticket/1', { [`steps/${a.id}/label`]: 'A' })
    expect(byPath.body.record.steps[1].label).toBe('A')
  })

  it('takes what a new entry has in the entry, and not by a path beside it', async () => {
    await create()
    const patch = { steps: { c: { label: 'c' } }, 'steps/c/label': 'C' }
    const refused = await ana('PATCH', '/api/records/ticket/1', patch)
    expect(refused).toMatchObject({ status: 422, body: { code: 'BAD_VALUE', paths: ['steps/c/label'] } })
    expect((await ana('GET', '/api/records/ticket/1')).body.record.steps).toEqual([])
  })

  it('takes sets whole or by element, counters by what is added, logs once', async () => {
    const { etag } = await create({ tags: ['a', 'b'] })
    const ask = { tags: ['b', 'c'], partsUsed: { add: 3 }, checks: { scan1: { kind: 'in' } } }
    const { body } = await bo('PATCH', '/api/records/ticket/1', ask, { 'if-match': etag })
    expect(body.record).toMatchObject({ tags: ['b', 'c'], partsUsed: 3, checks: [{ id: 'scan1', by: 'bo' }] })
    const again = await bo('PATCH', '/api/records/ticket/1', {
      checks: { scan1: { kind: 'in' } },
      tags: { remove: ['c'], add: ['d'] },
    })
    expect(again.body.record).toMatchObject({ tags: ['b', 'd'], partsUsed: 3 })
    expect(again.body.record.checks).toHaveLength(1)
    const other = await bo('PATCH', '/api/records/ticket/1', { checks: { scan1: { kind: 'out' } } })
    expect(other).toMatchObject({ status: 409, body: { code: 'LOG_ENTRY_CHANGED', paths: ['checks/scan1'] } })
  })

  it('merges a text by what its writer was shown of it', async () => {
    const { etag } = await create({ notes: 'The tap drips.' })
    await bo('PATCH', '/api/records/ticket/1', {
      notes: { from: 'The tap drips.', to: 'The tap drips badly.' },
    })
    const stale = await ana('PATCH', '/api/records/ticket/1', { notes: 'The red tap drips.' })
    expect(stale).toMatchObject({ status: 412, body: { code: 'IF_MATCH_FAILED', paths: ['notes'] } })
    const merged = await ana('PATCH', '/api/records/ticket/1', {
      notes: { from: 'The tap drips.', to: 'The red tap drips.' },
    })
    expect(merged.body.record.notes).toBe('The red tap drips badly.')
    expect((await ana('PATCH', '/api/records/ticket/1', { notes: '' }, { 'if-match': etag })).status).toBe(
      412,
    )
    const cleared = await ana('PATCH', '/api/records/ticket/1', { notes: '' }, { 'if-match': merged.etag })
    expect(cleared.body.record.notes).toBe('')
  })

  it('names everything that is wrong with a patch, and takes nothing of it', async () => {
    const { etag } = await create()
    const { status, body } = await ana('PATCH', '/api/records/ticket/1', {
      status: 'lost',
      quote: 5,
      openSteps: 7,
      tags: 'x',
      priority: 'urgent',
    })
    expect(status).toBe(422)
    expect(body.paths.sort()).toEqual(['openSteps', 'tags'])
    const second = await ana('PATCH', '/api/records/ticket/1', {
      status: 'lost',
      quote: 5,
      priority: 'urgent',
    })
    expect(
      second.body.problems.map(({ path, code }: { path: string; code: string }) => [path, code]),
    ).toEqual([
      ['status', 'BAD_VALUE'],
      ['quote', 'NOT_PERMITTED'],
    ])
    expect((await ana('GET', '/api/records/ticket/1')).etag).toBe(etag)
  })

  it('is nothing to who may not read it, and known by its code where there is none', async () => {
    await office('POST', '/api/records/ticket', { id: 's', title: 'Safe', site: 'site:secret' })
    expect(await ana('GET', '/api/records/ticket/s')).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    })
    expect(await ana('PATCH', '/api/records/ticket/s', { status: 'done' })).toMatchObject({ status: 403 })
    expect(await ana('GET', '/api/records/ticket/none')).toMatchObject({
      status: 404,
      body: { code: 'NO_SUCH_RECORD' },
    })
    expect(await ana('PATCH', '/api/records/ticket/none', {})).toMatchObject({ status: 404 })
    expect(await ana('GET', '/api/records/boat/1')).toMatchObject({
      status: 404,
      body: { code: 'NO_SUCH_TYPE' },
    })
    expect(await ana('POST', '/api/records/ticket', { id: '2' })).toMatchObject({
      status: 422,
      body: { code: 'REQUIRED', paths: ['title'] },
    })
    await create()
    expect(await create()).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS' } })
  })

  it('is created once when ten ask for one id at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create()))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9)
  })
})

describe('two who patch one field', () => {
  it('both stay when neither says what was shown, and the answer names the conflict', async () => {
    await create({ status: 'open' })
    const { body } = await bo('PATCH', '/api/records/ticket/1', { status: 'done' })
    expect(body.record.status).toBe('done')
    expect(body.conflicts).toMatchObject([
      {
        kind: 'values',
        path: 'status',
        values: [
          { value: 'done', by: 'bo' },
          { value: 'open', by: 'ana' },
        ],
      },
    ])
    const settled = await ana(
      'PATCH',
      '/api/records/ticket/1',
      { status: 'done' },
      { 'if-match': `"${body.epoch}.${body.commit}"` },
    )
    expect(settled.body).toMatchObject({ record: { status: 'done' }, conflicts: [] })
  })

  it('are one and the same person also after a crash of the server', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-rest-'))
    const start = (data: string) =>
      RestServer.start({ records: [Ticket], store: new LevelStore({ folder: join(folder, data) }) })
    const before = await start('before')
    const [anaBefore, boBefore] = [await before.as('ana'), await before.as('bo')]
    await anaBefore('POST', '/api/records/ticket', { id: '1', title: 'Leak', status: 'open' })
    await anaBefore('PATCH', '/api/records/ticket/1', { tags: ['wet', 'roof'] })
    await boBefore('PATCH', '/api/records/ticket/1', { priority: 'high' })
    await cp(join(folder, 'before'), join(folder, 'after'), { recursive: true })
    await before.close()

    const after = await start('after')
    const patch = { status: 'done', tags: ['roof'], priority: 'low' }
    const { body } = await (await after.as('ana'))('PATCH', '/api/records/ticket/1', patch)
    expect(body.record).toMatchObject({ status: 'done', tags: ['roof'] })
    expect(body.conflicts).toMatchObject([{ path: 'priority', values: [{ by: 'bo' }, { by: 'ana' }] }])
    await after.close()
    await rm(folder, { recursive: true })
  })

  it('merge where both name what they were shown', async () => {
    const { etag } = await create({ status: 'open' })
    const basis = etag.slice(1, -1)
    await bo('PATCH', `/api/records/ticket/1?basis=${basis}`, { status: 'waiting' })
    const { body } = await office('PATCH', `/api/records/ticket/1?basis=${basis}`, {
      status: 'done',
      priority: 'high',
    })
    expect(body.record).toMatchObject({ status: 'done', priority: 'high' })
    // Both had seen «open», so it is gone; neither had seen the other's.
    expect(body.conflicts).toMatchObject([
      {
        path: 'status',
        values: [
          { value: 'done', by: 'ofi' },
          { value: 'waiting', by: 'bo' },
        ],
      },
    ])
  })

  it('one is refused where the record must not have changed', async () => {
    const { etag } = await create()
    await bo('PATCH', '/api/records/ticket/1', { status: 'waiting' })
    const late = await ana('PATCH', '/api/records/ticket/1', { status: 'done' }, { 'if-match': etag })
    expect(late).toMatchObject({ status: 412, body: { code: 'IF_MATCH_FAILED' } })
    expect((await ana('GET', '/api/records/ticket/1')).body.record.status).toBe('waiting')
  })
})

describe('a list over REST', () => {
  it('gives rows page by page, and none twice while rows are edited', async () => {
    for (let i = 0; i < 25; i++)
      await ana('POST', '/api/records/ticket', { id: `t${i}`, title: `Ticket ${i}` })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: { body: { rows: { id: string }[]; cursor: string | null } } = await ana(
        'GET',
        `/api/records/ticket?orderBy=created&limit=7${cursor === null ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...page.body.rows.map(({ id }) => id))
      cursor = page.body.cursor
      await bo('PATCH', `/api/records/ticket/t${seen.length % 25}`, { status: 'waiting' })
    } while (cursor !== null)
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `t${i}`))
  })

  it('is told beside what is held, and says what is no such thing', async () => {
    await create()
    const told = (heaps: string): Promise<Answer> =>
      ana('GET', '/api/records/ticket', undefined, { 'corecord-heaps': heaps })
    // Of heaps that lie it is the whole list.
    expect((await told('0')).body.rows).toHaveLength(1)
    expect((await told('zzzzzzzzzzz')).body.rows).toHaveLength(1)
    expect((await told('0.0')).body).toMatchObject({ heaps: 2, others: [expect.any(Number)] })
    for (const heaps of ['', '-1', '1,2', 'ZZ', '1.'.repeat(400), '.1'])
      expect((await told(heaps)).body).toMatchObject({ code: 'BAD_REQUEST', paths: ['corecord-heaps'] })
  })

  it('begin where the cursor is empty, as events do', async () => {
    await create()
    const [empty, none] = [
      await ana('GET', '/api/records/ticket?cursor='),
      await ana('GET', '/api/records/ticket'),
    ]
    expect(empty.body).toEqual(none.body)
  })

  it('says what is wrong with a query', async () => {
    for (const query of [
      'where=[',
      'where={"status":{"like":1}}',
      'where={"stauts":"open"}',
      'where={"$any":[{"status":"open"},{"stauts":null}]}',
      'groups=stauts&count=true',
      'count=yes',
      'sums=hours',
      'orderBy=nothing',
      'orderBy=title:down',
      'limit=x',
      'limit=99999999',
      'cursor=zz',
      'bogus=1',
    ]) {
      const { status, body } = await ana('GET', `/api/records/ticket?${query}`)
      expect([query, status]).toEqual([query, 400])
      expect(['BAD_QUERY', 'BAD_CURSOR']).toContain(body.code)
      expect(body.detail).not.toMatch(/ by [;,]/)
    }
    const misnamed = await ana('GET', '/api/export/ticket?where={"stauts":"open"}')
    expect(misnamed.body.detail).toMatch(/no «stauts»: it has .*status/)
    const misled = await ana('GET', '/api/records/ticket?orderBy=title:down')
    expect(misled.body.detail).toContain('field:desc')
  })
})
