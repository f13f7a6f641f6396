import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { csvLine, readCsv, withoutMarks } from '../../server/rest/csv.ts'
import { exportRecords } from '../../server/rest/export-records.ts'
import { tokenFor } from '../operations-server.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { Ticket } from '../room/ticket.ts'
import { type Ask, RestServer } from './rest-client.ts'

let server: RestServer
let ana: Ask
let office: Ask

beforeEach(async () => {
  server = await RestServer.start({ records: [Ticket] })
  ana = await server.as('ana')
  office = await server.as('ofi', 'office')
})

afterEach(async () => {
  await server.close()
})

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

const importLines = (ask: Ask, body: string, type = 'application/x-ndjson'): ReturnType<Ask> =>
  ask('POST', '/api/import/ticket', body, { 'content-type': type })

const fill = async (): Promise<void> => {
  await office('POST', '/api/records/ticket', {
    id: 'EST-1',
    title: 'Leak, "bad"\nroof',
    quote: 1500,
    tags: ['wet', 'roof'],
    partsUsed: { add: 3 },
    notes: 'drip',
    steps: [{ id: 's1', label: 'Look' }],
    checks: { c1: { kind: 'in' } },
  })
  await office('POST', '/api/records/ticket', { id: 'x', title: '=1+1' })
  await office('POST', '/api/records/ticket', { id: 'safe', title: 'Safe', site: 'site:secret' })
}

it('an export holds nothing that its reader has lost sight of since its page was read', async () => {
  await fill()
  const { store } = server.running.server
  const principal = { id: 'ana', name: 'Ana', roles: [], claims: {}, expiresAt: null }
  const lines = exportRecords(
    { store, now: Date.now },
    { type: Ticket, principal, format: 'jsonl', wants: () => true, signal: new AbortController().signal },
  )
  expect((await lines.next()).value).toContain('EST-1')
  await office('PATCH', '/api/records/ticket/x', { site: 'site:secret' })
  expect(await lines.next()).toEqual({ done: true, value: undefined })
})

it('an export goes no further than the token that it began with', async () => {
  let read = Number.NEGATIVE_INFINITY
  class RevokingStore extends MemoryStore {
    override async readRow(type: string, id: string): Promise<string | null> {
      if (++read === 2) await one.running.server.operations.revoke({ sub: 'ana' })
      return super.readRow(type, id)
    }
  }
  const one = await RestServer.start({ records: [Ticket], store: new RevokingStore() })
  const ask = await one.as('ofi', 'office')
  for (const id of ['a', 'b', 'c'])
    expect((await ask('POST', '/api/records/ticket', { id, title: id })).status).toBe(201)
  read = 0
  const reader = await one.as('ana')
  // Refused, or cut short where a line of it was out.
  const answer = await reader('GET', '/api/export/ticket').catch(() => null)
  expect(answer?.status).not.toBe(200)
  expect(read).toBe(2)
  expect(one.running.log.join('')).not.toContain('cut short')
  await one.close()
})

it('an import goes no further than the token that it began with', async () => {
  const { url } = server.running.server
  const headers = { authorization: `Bearer ${await tokenFor('ana')}`, 'content-type': 'application/x-ndjson' }
  const sent = request(`${url}/api/import/ticket`, { method: 'POST', headers })
  sent.on('error', () => {})
  sent.on('response', answer => answer.on('error', () => {}).resume())
  const ended = new Promise(resolve => sent.once('close', resolve))
  sent.write('{"id":"before","title":"Before"}\n')
  await expect.poll(async () => (await office('GET', '/api/records/ticket/before')).status).toBe(200)
  await server.running.server.operations.revoke({ sub: 'ana' })
  sent.write('{"id":"after","title":"After"}\n')
  sent.end()
  await ended
  expect((await office('GET', '/api/records/ticket/after')).status).toBe(404)
})

it('an export that its reader gives up is no failure of the server', async () => {
  const one = await RestServer.start({ records: [Ticket] })
  const ask = await one.as('ana', 'office')
  const operations = Array.from({ length: 300 }, (_, i) => ({
    ...{ op: 'create', type: 'ticket', id: `t${i}` },
    values: { title: randomBytes(90).toString('hex') },
  }))
  expect((await ask('POST', '/api/records', { operations })).status).toBe(200)
  const giving = new AbortController()
  const answer = await one.running.fetch('/api/export/ticket', {
    headers: { authorization: `Bearer ${await tokenFor('ana', { roles: ['office'] })}` },
    signal: giving.signal,
  })
  await answer.body?.getReader().read()
  giving.abort()
  // By the time that these are answered it has long heard of that.
  for (let i = 0; i < 20; i++) await ask('GET', '/api/records/ticket/t1')
  expect(one.running.log.join('')).not.toContain('cut short')
  await one.close()
})

describe.each(['jsonl', 'csv'] as const)('an export as %s', format => {
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson'

  it('holds what its reader may read, and another server takes it in as it was', async () => {
    await fill()
    const { body, headers } = await ana('GET', `/api/export/ticket?format=${format}`)
    expect(headers.get('content-type')).toContain(type)
    expect(body).not.toContain('site:secret')
    const other = await RestServer.start({ records: [Ticket] })
    const there = await other.as('ofi', 'office')
    const { body: told } = await importLines(there, body, type)
    expect(linesOf(told).at(-1)).toEqual({ done: { created: 2, changed: 0, unchanged: 0, refused: 0 } })
    for (const id of ['EST-1', 'x']) {
      const [was, is] = [
        await ana('GET', `/api/records/ticket/${id}`),
        await there('GET', `/api/records/ticket/${id}`),
      ]
      const bare = (record: Record<string, unknown>): unknown =>
        JSON.parse(
          JSON.stringify({ ...record, created: 0 }, (key, value) =>
            key === 'at' || key === 'pos' ? undefined : value,
          ),
        )
      expect(bare(is.body.record)).toEqual(bare(was.body.record))
    }
    const again = await importLines(there, body, type)
    expect(linesOf(again.body).at(-1)).toEqual({ done: { created: 0, changed: 0, unchanged: 2, refused: 0 } })
    await other.close()
  })

  it('holds only what was asked for', async () => {
    await fill()
    const { body } = await office(
      'GET',
      `/api/export/ticket?format=${format}&where=${encodeURIComponent('{"site":"site:secret"}')}`,
    )
    expect(body).toContain('site:secret')
    expect(body).not.toContain('EST-1')
  })
})

describe('an import', () => {
  it('says of each line what came of it', async () => {
    await fill()
    const { body } = await importLines(
      ana,
      [
        '{"id":"EST-1","status":"done"}',
        '{"id":"n","title":"New"}',
        '{"id":"m"}',
        '{"title":"Made"}',
        '{"id":"x","quote":5}',
        '{"id":"safe","status":"done"}',
        'nonsense',
        '[]',
        '{"id":"n","bogus":1}',
      ].join('\n'),
    )
    expect(linesOf(body).map(({ line, status, code, done }) => done ?? [line, status, code])).toEqual([
      [1, 'changed', undefined],
      [2, 'created', undefined],
      [3, 'refused', 'REQUIRED'],
      [4, 'created', undefined],
      [5, 'refused', 'NOT_PERMITTED'],
      [6, 'refused', 'FORBIDDEN'],
      [7, 'refused', 'BAD_REQUEST'],
      [8, 'refused', 'BAD_REQUEST'],
      [9, 'refused', 'BAD_PATH'],
      { created: 2, changed: 1, unchanged: 0, refused: 6 },
    ])
  })

  it('reads CSV by its columns, however the pieces are cut', async () => {
    const csv =
      '\uFEFFid,title,tags,partsUsed,description\r\na,"One, two",wet;roof,4,"line\nline"\r\n\r\nb,Three,"[""x""]",,\r\n'
    const { body } = await importLines(ana, csv, 'text/csv')
    expect(linesOf(body).at(-1)).toEqual({ done: { created: 2, changed: 0, unchanged: 0, refused: 0 } })
    expect((await ana('GET', '/api/records/ticket/a')).body.record).toMatchObject({
      title: 'One, two',
      tags: ['roof', 'wet'],
      partsUsed: 4,
      description: 'line\nline',
    })
    const bytes = new TextEncoder().encode(csv)
    const rowsCutAt = async (size: number): Promise<unknown[]> => {
      const rows = []
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      for await (const row of readCsv(pieces as unknown as AsyncIterable<Uint8Array>)) rows.push(row)
      return rows
    }
    const whole = await rowsCutAt(bytes.length)
    expect(whole).toHaveLength(3)
    for (const size of [1, 2, 3, 7]) expect(await rowsCutAt(size)).toEqual(whole)
  })

  it('drops no line in silence: one that is too long is named, and the next is read', async () => {
    const long = 'x'.repeat(2_100_000)
    const lines = `{"id":"a","title":"A"}\n{"id":"b","title":"${long}${long}"}\n{"id":"c","title":"C"}\n`
    const asJson = linesOf((await importLines(ana, lines)).body)
    expect(asJson.map(({ line, id, status }) => [line, id, status])).toEqual([
      [1, 'a', 'created'],
      [2, null, 'refused'],
      [3, 'c', 'created'],
      [undefined, undefined, undefined],
    ])
    const rows = `id,title\r\nd,D\r\ne,"${long}\r\n"\r\nf,F\r\ng,${long}19" rack\r\nh,H\r\n`
    const asCsv = linesOf((await importLines(ana, rows, 'text/csv')).body)
    expect(asCsv.map(({ line, id, status }) => [line, id, status])).toEqual([
      [2, 'd', 'created'],
      [3, null, 'refused'],
      [5, 'f', 'created'],
      [6, null, 'refused'],
      [7, 'h', 'created'],
      [undefined, undefined, undefined],
    ])
  })

  it('of CSV says where a quote has no end, a row more values than columns, and a column a twin', async () => {
    const csv = 'id,title\na,19" rack\nb,Hello, world\nc,C,\nd,"never\ne,E\nf,F'
    const told = linesOf((await importLines(ana, csv, 'text/csv')).body)
    expect(told).toMatchObject([
      { line: 2, id: 'a', status: 'created' },
      { line: 3, status: 'refused', sentence: expect.stringContaining('3 values stand under 2 columns') },
      { line: 4, id: 'c', status: 'created' },
      { line: 5, status: 'refused', sentence: expect.stringContaining('quote') },
      { done: { created: 2, refused: 2 } },
    ])
    expect((await ana('GET', '/api/records/ticket/a')).body.record.title).toBe('19" rack')
    const twins = linesOf((await importLines(ana, 'id,title,title\ng,G,H', 'text/csv')).body)
    expect(twins).toMatchObject([{ status: 'refused', sentence: '«title» heads two columns.' }, {}])
  })

  it('of CSV takes no amount for another a hundred times as small, and says how columns are parted', async () => {
    const csv = 'id,title,quote\na,A,40.00\nb,B,"40,00"\nc,C,4000\nd,D,\n'
    const told = linesOf((await importLines(office, csv, 'text/csv')).body)
    expect(told).toMatchObject([
      { line: 2, status: 'refused', sentence: expect.stringContaining('4000') },
      { line: 3, status: 'refused', sentence: expect.stringContaining('«40,00» under quote') },
      { id: 'c', status: 'created' },
      { id: 'd', status: 'created' },
      {},
    ])
    expect((await office('GET', '/api/records/ticket/c')).body.record.quote).toBe(4000)
    const parted = linesOf((await importLines(ana, 'id;title\ne;E\n', 'text/csv')).body)
    expect(parted).toMatchObject([
      { status: 'refused', sentence: 'Columns are parted by commas, and here by semicolons.' },
      {},
    ])
  })

  it('takes the lines of one record one after the other, and the last one stands', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `{"id":"one","title":"T${i}"}`)
    const { body } = await importLines(ana, lines.join('\n'))
    expect(linesOf(body).at(-1)).toEqual({ done: { created: 1, changed: 39, unchanged: 0, refused: 0 } })
    const { record, conflicts } = (await ana('GET', '/api/records/ticket/one')).body
    expect([record.title, conflicts ?? []]).toEqual(['T39', []])
  })

  it('brings what it has brought before once, also of entries that nobody gave an id', async () => {
    const steps = [{ label: 'Look' }, { label: 'Turn off' }, { label: 'Look' }]
    const one = {
      id: 'one',
      title: 'One',
      steps: steps.slice(0, 2),
      checks: [{ kind: 'in' }, { kind: 'in' }],
    }
    // As an import that was broken off leaves it; the second line is of the same record.
    await importLines(ana, JSON.stringify(one))
    const whole = [one, { id: 'one', title: 'One', steps: steps.slice(2) }]
      .map(line => JSON.stringify(line))
      .join('\n')
    await importLines(ana, whole)
    const { record } = (await ana('GET', '/api/records/ticket/one')).body
    expect(record.steps.map(({ label }: { label: string }) => label)).toEqual(['Look', 'Turn off', 'Look'])
    expect(record.checks).toHaveLength(2)
    const again = linesOf((await importLines(ana, whole)).body)
    expect(again.at(-1)).toEqual({ done: { created: 0, changed: 0, unchanged: 2, refused: 0 } })
  })

  it('of a formula stays a text, in a spreadsheet and back', () => {
    expect(csvLine(['=1+1', '-5', 'a"b', '@x'])).toBe(`'=1+1,-5,"a""b",'@x\r\n`)
  })

  it('of a formula stays a text where cells are parted by semicolons, and comes back as it was', async () => {
    const written = ['a;=1+1;b', 'two\n=A1', "x;-2+cmd|' /C calc'!A0", 'red; blue;-5', 'both:\n- one', "'tis"]
    const line = csvLine(written)
    expect(line).toBe(`a;'=1+1;b,"two\n'=A1",x;'-2+cmd|' /C calc'!A0,red; blue;-5,"both:\n- one",'tis\r\n`)
    for await (const { values } of readCsv(Readable.from([Buffer.from(line)])))
      expect(values.map(withoutMarks)).toEqual(written)
  })
})

describe('a file of another encoding than UTF-8', () => {
  const send = (body: Buffer, type: string): ReturnType<Ask> =>
    server.as('ana').then(async ask => ask('POST', '/api/import/ticket', body, { 'content-type': type }))

  it.each([
    ['application/x-ndjson', '{"id":"a","title":"Müller"}\n{"id":"b","title":"plain"}\n'],
    ['text/csv', 'id,title\r\na,Müller\r\nb,plain\r\n'],
  ])('brings no damaged line in, as %s, and says what to do', async (type, text) => {
    const { body } = await send(Buffer.from(text, 'latin1'), type)
    const [refused, taken, last] = linesOf(body)
    expect(refused).toMatchObject({ status: 'refused', sentence: expect.stringMatching(/UTF-8/) })
    expect(taken).toMatchObject({ id: 'b', status: 'created' })
    expect(last).toEqual({ done: { created: 1, changed: 0, unchanged: 0, refused: 1 } })
    expect((await ana('GET', '/api/records/ticket/a')).body.code).toBe('NO_SUCH_RECORD')
  })

  it('is not read on where its columns cannot be read', async () => {
    const { body } = await send(Buffer.from('\uFEFFid,title\na,Müller\n', 'utf16le'), 'text/csv')
    expect(linesOf(body)).toMatchObject([
      { line: 1, status: 'refused', sentence: expect.stringMatching(/UTF-8/) },
      { done: { created: 0, changed: 0, unchanged: 0, refused: 1 } },
    ])
  })

  it('is not what holds the mark for damage in UTF-8', async () => {
    const { body } = await send(Buffer.from('id,title\na,M\uFFFDller\n'), 'text/csv')
    expect(linesOf(body).at(-1)).toMatchObject({ done: { created: 1 } })
  })
})

it('a line with an id that is no text is refused, rather than get another at each import', async () => {
  const { body } = await importLines(ana, '{"id":7,"title":"Seven"}\n{"id":"..","title":"Dots"}\n')
  expect(linesOf(body)).toMatchObject([
    { id: null, status: 'refused', code: 'BAD_REQUEST', paths: ['id'] },
    { id: null, status: 'refused', code: 'BAD_REQUEST', paths: ['id'] },
    { done: { created: 0, refused: 2 } },
  ])
})
