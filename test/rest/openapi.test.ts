import SwaggerParser from '@apidevtools/swagger-parser'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApiDocument } from '../../server/rest/openapi/document.ts'
import { defineRecord, demoRecords, openRecord, text } from '../../shared/index.ts'
import { isErrorCode } from '../../shared/wire/error-codes.ts'
import { isSlot, slotAt, writeProblem } from '../../shared/record/slot.ts'
import {
  call,
  type Document,
  generateClient,
  type Method,
  methodsOf,
  type Schema,
} from './generated-client.ts'
import { hostile, type Random, seeded } from './hostile-values.ts'
import { type Ask, RestServer } from './rest-client.ts'

let server: RestServer
let document: Document
let ana: Ask

beforeAll(async () => {
  server = await RestServer.start({
    records: demoRecords,
    limits: { requestsPerSecond: Number.POSITIVE_INFINITY },
  })
  // All that people do, and nothing that the office keeps for itself.
  const roles = [
    'dispatcher',
    'technician',
    'magacioner',
    'shift_lead',
    'engineer',
    'clerk',
    'therapist',
    'operator',
  ]
  ana = await server.as('ana', ...roles)
  document = (await ana('GET', '/api/openapi.json')).body
})

afterAll(async () => {
  await server.close()
})

describe('the OpenAPI document', () => {
  it('is valid, and has every record type, every field and every action', async () => {
    await SwaggerParser.validate(
      structuredClone(document) as unknown as Parameters<typeof SwaggerParser.validate>[0],
    )
    const ids = new Set(methodsOf(document).map(({ id }) => id))
    for (const id of [
      'listTicket',
      'createTicket',
      'readTicket',
      'patchTicket',
      'removeTicket',
      'convertEstimate',
    ])
      expect(ids).toContain(id)
    expect(ids.size).toBe(methodsOf(document).length)
    for (const type of demoRecords) {
      const name = type.name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
      const { properties } = document.components.schemas[`${name}Record`] as { properties: object }
      for (const field of [...Object.keys(type.fields), ...Object.keys(type.derive)])
        expect(Object.keys(properties)).toContain(field)
    }
  })

  it('gives no name twice, whatever types and actions are called', async () => {
    const close = { args: {}, run: () => null }
    const types = ['problem', 'page', 'file', 'events', 'task', 'task_page', 'past_task'].map(name =>
      defineRecord(name, { fields: { of: text.line() }, actions: { restore: close, list: close } }),
    )
    const other = openApiDocument(types, {
      version: '1.0.0',
      rowsMax: Number.POSITIVE_INFINITY,
    }) as unknown as Document & { tags: { name: string }[] }
    await SwaggerParser.validate(
      structuredClone(other) as unknown as Parameters<typeof SwaggerParser.validate>[0],
    )
    for (const { schemas } of [other.components, document.components])
      expect(schemas['Problem']).toEqual(document.components.schemas['Problem'])
    const records = Object.entries(other.components.schemas).filter(([name]) => name.endsWith('Record'))
    expect(records).toHaveLength(types.length)
    for (const of of [other, document]) {
      const ids = methodsOf(of).map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      const tags = (of as unknown as typeof other).tags.map(({ name }) => name)
      expect(new Set(tags).size).toBe(tags.length)
    }
  })

  it('says of which version of corecord it is, without being told', () => {
    const { version } = (document as unknown as { info: { version: string } }).info
    expect(version).toMatch(/^\d+\.\d+\.\d+/)
    expect(version).not.toBe('0.0.0')
  })

  it('has every route but its own and those of operators', () => {
    const documented = methodsOf(document).map(({ verb, path }) => `${verb} ${path}`)
    const routes = routesOf(server.running.server.app.printRoutes({ commonPrefix: false }))
      .filter(({ path }) => path.startsWith('/api/') && !/^\/api\/(admin|docs|openapi)|\/$/.test(path))
      .map(({ verb, path }) =>
        `${verb} ${path}`
          .replace('records/:type', 'records/ticket')
          .replace('actions/:name', 'actions/number')
          .replaceAll(/:(\w+)/g, '{$1}'),
      )
    expect(routes.length).toBeGreaterThan(20)
    expect(routes.filter(route => !documented.includes(route))).toEqual([])
  })

  it('says of how many may be asked for what the server takes, and what it gives where nothing is said', async () => {
    const limits = (id: string): Schema | undefined =>
      methodsOf(document)
        .find(one => one.id === id)
        ?.parameters.find(({ name }) => name === 'limit')?.schema
    const most = Number(limits('listTicket')?.['maximum'])
    const status = async (path: string): Promise<number> => (await ana('GET', path)).status
    expect([most, await status(`/api/records/ticket?limit=${most}`)]).toEqual([10_000, 200])
    expect(await status(`/api/records/ticket?limit=${most + 1}`)).toBe(400)
    const office = await server.as('ana', 'admin')
    await office('POST', '/api/records/site', { id: 'told', name: 'Harbour' })
    for (let n = 0; n < 51; n++) await office('PATCH', '/api/records/site/told', { name: `Harbour ${n}` })
    const told = async (query: string): Promise<number> =>
      (await office('GET', `/api/records/site/told/history${query}`)).body.events.length
    expect(limits('historySite')).toMatchObject({ maximum: 500, default: 50 })
    expect([await told(''), await told('?limit=500')]).toEqual([50, 52])
  })

  it('counts a list however an address says yes', async () => {
    const totals = await Promise.all(
      ['count=true', 'count=1', 'count', 'count=false', 'count=0', ''].map(
        async query => (await ana('GET', `/api/records/ticket?limit=0&${query}`)).body.total,
      ),
    )
    const [total] = totals
    expect(totals).toEqual([total, total, total, undefined, undefined, undefined])
    expect(total).toBeTypeOf('number')
  })

  it('can be looked at in a browser', async () => {
    const page = await ana('GET', '/api/docs')
    expect(page.status).toBe(200)
    expect(page.body).toContain('<div id="swagger-ui">')
    expect((await ana('GET', '/api/docs/json')).body.paths).toEqual(document.paths)
    expect((await ana('GET', '/api/docs/static/swagger-ui-bundle.js')).status).toBe(200)
  })

  it('gives a client that lists, patches and reads back', async () => {
    const api = generateClient(document, ana)
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    ajv.addSchema({ $id: 'doc', ...document })
    const isTicket = ajv.compile({ $ref: 'doc#/components/schemas/Ticket' })
    const created = await api['createTicket']?.(
      { 'Idempotency-Key': 'first' },
      { title: 'Leak', tags: ['wet'] },
    )
    expect(created?.status).toBe(201)
    const page = await api['listTicket']?.({ status: 'open', orderBy: 'title:asc', count: true })
    expect(page?.body.rows).toMatchObject([{ title: 'Leak', status: 'open' }])
    expect(ajv.compile({ $ref: 'doc#/components/schemas/TicketPage' })(page?.body)).toBe(true)
    const id = page?.body.rows[0].id
    const read = await api['readTicket']?.({ id })
    const patched = await api['patchTicket']?.(
      { id, 'If-Match': read?.etag },
      { priority: 'high', tags: { add: ['roof'] } },
    )
    expect(patched?.status).toBe(200)
    const again = await api['readTicket']?.({ id })
    expect(again?.body.record).toMatchObject({ title: 'Leak', priority: 'high', tags: ['roof', 'wet'] })
    expect([isTicket(again?.body), isTicket.errors]).toEqual([true, null])
    const number = await api['numberTicket']?.({ id }, {})
    expect(number?.body).toMatchObject({ state: 'accepted', result: 'T-0001' })
  })
})

describe('2,000 requests made from the document with hostile values', () => {
  it('are each answered with a reason or done as the schema allows', async () => {
    const seed = Number(process.env['SEED'] ?? 1)
    const random = seeded(seed)
    // Those would wait, or never end.
    const made = methodsOf(document).filter(({ id }) => id !== 'readEvents' && id !== 'followList')
    const ids = ['1', '1', '1', '1', '2', '2', '3', 'a b', '../x', 'č', '%2e', 'x'.repeat(200)]
    // The document says of a filter only that it is a text.
    const filters = ['{}', '{"id":"1"}', '{"$any":[{"createdBy":"ana"},{"id":{"in":["2","3"]}}]}']
    for (const { id, body } of made.filter(({ id }) => id.startsWith('create'))) {
      const name = id.slice('create'.length)
      const values = { ...(hostile(random, body ?? {}, document, 0) as object), id: '1' }
      const { status } = await call(ana, methodNamed(made, `create${name}`), {}, values)
      expect(status, `seed ${seed}: ${name}`).toBeLessThan(500)
    }
    const statuses = new Map<number, number>()
    const one = async (n: number): Promise<void> => {
      const method = random.pick(made)
      const malice = random.pick([0, 0, 0.01, 0.05, 0.2])
      const values = Object.fromEntries(
        method.parameters.flatMap(({ name, in: where, required, schema }) => {
          if (required !== true && random.chance(0.85)) return []
          return [
            [
              name,
              where === 'path' && random.chance(0.95)
                ? random.pick(ids)
                : name === 'where' && random.chance(0.8)
                  ? random.pick(filters)
                  : valueFor(random, schema, where, malice),
            ],
          ]
        }),
      )
      const body = bodyFor(random, method, malice, ids)
      const what = `seed ${seed}, request ${n}: ${method.verb} ${method.path} ${JSON.stringify(values)?.slice(0, 300)} ${JSON.stringify(body)?.slice(0, 300)}`
      const {
        status,
        headers,
        body: answer,
      } = await call(ana, method, values, body).catch(error => {
        throw new Error(`${what}: ${error}`)
      })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      expect(status, what).toBeLessThan(500)
      if (status < 400) return
      expect(headers.get('content-type'), what).toContain('application/problem+json')
      expect(isErrorCode(answer.code), what).toBe(true)
      expect(answer.status, what).toBe(status)
    }
    for (let n = 0; n < 2_000; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => one(n + i)))
    expect(statuses.get(200) ?? 0, `seed ${seed}`).toBeGreaterThan(300)
    expect(statuses.get(201) ?? 0, `seed ${seed}`).toBeGreaterThan(20)
    await assertLawful(seed)
  }, 300_000)
})

/** Of Fastify's own drawing of the tree of its routes. */
const routesOf = (tree: string): { readonly verb: string; readonly path: string }[] => {
  const above: string[] = []
  return tree.split('\n').flatMap(line => {
    const [, indent = '', segment = '', verbs = ''] = /^([│ ]*)[├└]── (\S+)(?: \(([^)]+)\))?/.exec(line) ?? []
    above.splice(indent.length / 4, above.length, segment)
    const path = above.join('')
    return verbs
      .split(', ')
      .filter(verb => verb !== '' && verb !== 'HEAD')
      .map(verb => ({ verb, path }))
  })
}

const methodNamed = (methods: readonly Method[], id: string): Method => {
  const method = methods.find(one => one.id === id)
  if (method === undefined) throw new Error(`the document has no ${id}`)
  return method
}

const valueFor = (random: Random, schema: object, where: string, malice: number): unknown => {
  const value = random.chance(malice * 3) ? random.junk() : hostile(random, schema, document, malice)
  // A request line beyond Node's 16 KB is answered by Node itself.
  const isNames = Array.isArray(value) && 'items' in schema && value.every(one => typeof one === 'string')
  const text = (
    typeof value === 'string' ? value : isNames ? value.join(',') : (JSON.stringify(value) ?? '')
  ).slice(0, 2_000)
  // Of what a header cannot carry nothing reaches the server.
  return where === 'header' ? text.replace(/[^\x20-\x7e]/g, '?').trim() : text
}

const bodyFor = (
  random: Random,
  { id, body, bodyType }: Method,
  malice: number,
  ids: readonly string[],
): unknown => {
  if (bodyType === null) return undefined
  if (body === null) return random.bytes()
  if (random.chance(malice)) return random.junk()
  const made = hostile(random, body, document, malice)
  // So that others of these requests find what this one makes.
  const isNamed = id.startsWith('create') && typeof made === 'object' && made !== null && random.chance(0.7)
  return isNamed ? { ...made, id: random.pick(ids) } : made
}

/** Whatever stands in any record now, its type allows there, and its writer wrote it. */
const assertLawful = async (seed: number): Promise<void> => {
  const { store, rooms } = server.running.server
  const { heads } = await store.readHeads({ limit: 10_000 })
  expect(heads.length).toBeGreaterThan(5)
  for (const { room } of heads) {
    const { guarded, type, id } = await rooms.open(room)
    if (guarded === null || type === null || type.name === 'inbox') continue
    for (const { path, value, author } of guarded.record.index.cells()) {
      const what = `seed ${seed}: ${room} ${path} ${JSON.stringify(value)}`
      expect(['ana', '$server'], what).toContain(author)
      const slot = slotAt(type, path)
      expect(isSlot(slot), what).toBe(true)
      if (isSlot(slot)) expect(writeProblem(type, slot, path, value), what).toBeNull()
    }
    // What only others may write stays as it was.
    if (type.name === 'ticket') expect(guarded.record.view['quote'], `seed ${seed}`).toBeNull()
    expect(openRecord(type, guarded.doc, { author: 'x', id }).view).toEqual(guarded.record.view)
  }
}
