import type { RecordType } from '../../../shared/record/record-type.ts'
import { ordersOf } from '../../../shared/record/row-order.ts'
import type { JsonSchema } from '../../../shared/record/field.ts'
import { errorCodes } from '../../../shared/wire/error-codes.ts'
import { PUSH_PULL_TYPE } from '../../../shared/wire/push-pull.ts'
import { postedFieldsOf } from '../../list/posted-fields.ts'
import { LIST_PARAMETERS } from '../list-records.ts'
import { argsSchema, createSchema, patchSchema, rowSchema, viewSchema } from './field-schemas.ts'

/** The document of `/api/openapi.json`: everything in it follows from the record types. */
export type OpenApi = { readonly [key: string]: unknown }

type Operation = Readonly<Record<string, unknown>>
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

export function openApiDocument(types: Iterable<RecordType>, version: string): OpenApi {
  const all = [...types]
  const titles = titlesOf(all)
  return {
    openapi: '3.1.0',
    info: {
      title: 'corecord',
      version,
      description: introduction,
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { token: [] }],
    tags: [
      ...all.flatMap(({ name }) => (OTHER_TAGS.some(other => other.name === name) ? [] : [{ name }])),
      ...OTHER_TAGS,
    ],
    paths: Object.assign({}, ...titles.map(pathsOf), generalPaths),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        token: { type: 'apiKey', in: 'query', name: 'token' },
      },
      parameters,
      responses: {
        Problem: {
          description: 'What went wrong, under a stable code, and what to do about it.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      schemas: { ...generalSchemas, ...Object.assign({}, ...titles.map(schemasOf)) },
    },
  }
}

/** A type may be called as one of these is. */
const OTHER_TAGS = [
  { name: 'many', description: 'Many records at once.' },
  { name: 'files' },
  { name: 'sync', description: 'What a socket carries, in requests.' },
  { name: 'events' },
  { name: 'lists', description: 'Rows that stay as they are on the server.' },
  { name: 'inbox', description: 'What the person whose token it is was told.' },
]

const purgedName = 'Begin anew under an id whose record was purged; without it that is answered with PURGED.'

const introduction = `Business records that merge per field.

A write is made by the person whose token it carries, and goes through the same checks as an edit in the app. Read a
record, keep its \`ETag\`, and send it with a change: as \`If-Match\` where nothing may have changed since, or as \`basis\`
where the change is to be merged with what others wrote meanwhile. Without either a change replaces at most what the
same person changed here before: else both stay, and \`conflicts\` in the answer names them. With an
\`Idempotency-Key\` a request that is sent again is carried out once.`

function schemasOf({ type, title: name }: Titled): Record<string, JsonSchema> {
  return {
    [`${name}Record`]: viewSchema(type),
    [`${name}Patch`]: patchSchema(type),
    [`${name}Create`]: createSchema(type),
    [`${name}Row`]: rowSchema(type),
    [name]: {
      allOf: [
        { $ref: '#/components/schemas/Shown' },
        { type: 'object', properties: { record: { $ref: `#/components/schemas/${name}Record` } } },
      ],
    },
    [`${name}Page`]: {
      allOf: [
        { $ref: '#/components/schemas/Page' },
        {
          type: 'object',
          properties: { rows: { type: 'array', items: { $ref: `#/components/schemas/${name}Row` } } },
        },
      ],
    },
  }
}

function pathsOf({ type, title }: Titled): Paths {
  const { name } = type
  const tags = [name]
  const one = `/api/records/${name}/{id}`
  const shown = (description: string): object => ({ description, ...jsonOf(title), headers: etag })
  const writing = [param('id'), param('IfMatch'), param('Basis'), param('IdempotencyKey')]
  return {
    [`/api/records/${name}`]: {
      get: {
        tags,
        operationId: `list${title}`,
        summary: 'Rows, page by page',
        parameters: listParameters(type),
        responses: answers({ 200: { description: 'A page.', ...jsonOf(`${title}Page`) } }),
      },
      post: {
        tags,
        operationId: `create${title}`,
        summary: 'A new record',
        parameters: [query('again', { type: 'boolean' }, purgedName), param('IdempotencyKey')],
        requestBody: bodyOf(`${title}Create`),
        responses: answers({
          201: { description: 'It was created.', ...jsonOf(title), headers: { ...etag, ...location } },
        }),
      },
    },
    [one]: {
      get: {
        tags,
        operationId: `read${title}`,
        summary: 'A record',
        parameters: [param('id'), param('IfNoneMatch')],
        responses: answers({ 200: shown('The record.'), 304: { description: 'It stands as it did.' } }),
      },
      patch: {
        tags,
        operationId: `patch${title}`,
        summary: 'Changes what is named',
        parameters: writing,
        requestBody: bodyOf(`${title}Patch`),
        responses: answers({ 200: shown('The record as it stands now.') }),
      },
      delete: {
        tags,
        operationId: `remove${title}`,
        summary: 'Removes it; it can be restored',
        parameters: writing,
        responses: answers({ 200: shown('The record, removed.') }),
      },
    },
    [`${one}/restore`]: {
      post: {
        tags,
        operationId: `restore${title}`,
        summary: 'Brings back the record, or an entry of it',
        parameters: writing,
        requestBody: { content: json({ $ref: '#/components/schemas/Restore' }) },
        responses: answers({ 200: shown('The record as it stands now.') }),
      },
    },
    [`${one}/history`]: {
      get: {
        tags,
        operationId: `history${title}`,
        summary: 'Who changed what, from what to what',
        parameters: [param('id'), query('before', { type: 'integer' }), query('path', text), param('Limit')],
        responses: answers({
          200: { description: 'Events, the latest first.', content: json({ type: 'object' }) },
        }),
      },
    },
    [`${one}/history/restore`]: {
      post: {
        tags,
        operationId: `restorePast${title}`,
        summary: 'Back to what it, an entry or a field of it was: after an event, or at a time',
        parameters: [param('id')],
        requestBody: { required: true, ...jsonOf('RestorePast') },
        responses: answers({ 200: { description: 'What was brought back.', ...jsonOf('Restored') } }),
      },
    },
    ...actionPaths({ type, title }, one),
  }
}

function actionPaths({ type, title }: Titled, one: string): Paths {
  return Object.fromEntries(
    Object.entries(type.actions).map(([action, { args }]) => [
      `${one}/actions/${action}`,
      {
        post: {
          tags: [type.name],
          operationId: actionId(action, title),
          summary: `Asks for «${action}»`,
          parameters: [param('id'), param('IdempotencyKey')],
          requestBody: {
            content: json({
              type: 'object',
              properties: {
                id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
                args: argsSchema(args),
              },
              additionalProperties: false,
            }),
          },
          responses: answers({
            200: { description: 'It was done.', ...jsonOf('ActionAnswer') },
            202: {
              description: 'It is asked for; the answer will stand in the record.',
              ...jsonOf('ActionAnswer'),
            },
          }),
        },
      },
    ]),
  )
}

function listParameters(type: RecordType): object[] {
  const orders = ordersOf(type).flatMap(field => [`${field}:asc`, `${field}:desc`])
  const equal = postedFieldsOf(type).filter(field => !LIST_PARAMETERS.has(field))
  const names = Object.keys(rowSchema(type).properties ?? {})
  return [
    query(
      'orderBy',
      { type: 'string', enum: orders },
      'From page to page only `created` stands still: by another field a record that changes meanwhile may come twice, or not at all.',
    ),
    param('Limit'),
    query('cursor', text, '`cursor` of the page before.'),
    query('where', text, 'A filter over row fields as JSON: `{"created":{"gt":1767225600000}}`.'),
    query('q', text, 'Words that must all occur.'),
    query('count', { type: 'boolean' }, 'How many there are in all.'),
    queryOfSome('groups', names, 'Row fields to count by, with commas.'),
    queryOfSome('sums', names, 'Row fields to add up, with commas.'),
    ...equal.map(field => query(field, {}, `Rows whose ${field} is equal to it.`)),
  ]
}

/** A type with what generated clients call it: `trebovanje` is `Trebovanje`. */
interface Titled {
  readonly type: RecordType
  readonly title: string
}

/** No name is given twice: neither that of a schema that is there for all types, nor `TaskPage` where there is a `task_page`. */
function titlesOf(types: readonly RecordType[]): Titled[] {
  const taken = new Set([...Object.keys(generalSchemas), ...operationIds(generalPaths)])
  return types.map(type => {
    let title = type.name
      .split('_')
      .map(part => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)
      .join('')
    const names = (): string[] => [
      ...Object.keys(schemasOf({ type, title })),
      ...operationIds(pathsOf({ type, title })),
    ]
    while (names().some(name => taken.has(name))) title += 'Type'
    for (const name of names()) taken.add(name)
    return { type, title }
  })
}

const operationIds = (paths: Paths): string[] =>
  Object.values(paths).flatMap(methods =>
    Object.values(methods).map(({ operationId }) => String(operationId)),
  )

/** An action may be called as one of the verbs that every type has. */
const actionId = (action: string, title: string): string =>
  VERBS.includes(action) ? `${action}Action${title}` : `${action}${title}`
const VERBS = ['list', 'create', 'read', 'patch', 'remove', 'restore', 'history', 'restorePast']

const text = { type: 'string' } as const

const param = (name: string): object => ({ $ref: `#/components/parameters/${name}` })

const query = (name: string, schema: JsonSchema, description = ''): object => ({
  name,
  in: 'query',
  schema,
  ...(description === '' ? {} : { description }),
})

const queryOfSome = (name: string, choices: readonly string[], description: string): object => ({
  ...query(name, { type: 'array', items: { type: 'string', enum: choices } }, description),
  explode: false,
})

const header = (name: string, description: string): object => ({
  name,
  in: 'header',
  schema: text,
  description,
})

const parameters = {
  id: { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1, maxLength: 200 } },
  Limit: query('limit', { type: 'integer', minimum: 0, maximum: 1_000, default: 100 }),
  Basis: query('basis', text, 'The ETag of what the change is made from, without its quotes.'),
  IfMatch: header('If-Match', 'Refuse the change where the record stands at another ETag.'),
  IfNoneMatch: header('If-None-Match', 'Answer 304 where the record stands at this ETag.'),
  IdempotencyKey: header('Idempotency-Key', 'The same key and the same request: carried out once.'),
} as const

const etag = { ETag: { schema: text, description: 'Epoch and commit number of what is shown.' } }
const location = { Location: { schema: text } }

const json = (schema: JsonSchema): object => ({ 'application/json': { schema } })
const jsonOf = (name: string): object => ({ content: json({ $ref: `#/components/schemas/${name}` }) })
const bodyOf = (name: string): object => ({ required: true, ...jsonOf(name) })

function answers(responses: Readonly<Record<number, object>>): object {
  return { ...responses, default: { $ref: '#/components/responses/Problem' } }
}

const binary = { [PUSH_PULL_TYPE]: { schema: { type: 'string', format: 'binary' } } }
const file = { '*/*': { schema: { type: 'string', format: 'binary' } } }
const lines = { 'application/x-ndjson': { schema: text }, 'text/csv': { schema: text } }
const hash = {
  name: 'hash',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  description: 'SHA-256 of the bytes.',
}
const upload = { description: 'Where the upload stands.', ...jsonOf('Upload') }

const generalPaths: Paths = {
  '/api/records': {
    post: {
      tags: ['many'],
      operationId: 'many',
      summary: 'Many things in one request, each by itself',
      parameters: [param('IdempotencyKey')],
      requestBody: bodyOf('Operations'),
      responses: answers({
        200: { description: 'What came of each, in their order.', ...jsonOf('Results') },
      }),
    },
  },
  '/api/export/{type}': {
    get: {
      tags: ['many'],
      operationId: 'exportRecords',
      summary: 'All records of a type that one may read, as they come',
      parameters: [
        { name: 'type', in: 'path', required: true, schema: text },
        query('format', { type: 'string', enum: ['jsonl', 'csv'] }),
        query('where', text),
      ],
      responses: answers({
        200: {
          description:
            'A line a record, by their ids, each as it is when its turn comes: what is made or changed meanwhile may be in it or not. An answer that is cut short lacks some.',
          content: lines,
        },
      }),
    },
  },
  '/api/import/{type}': {
    post: {
      tags: ['many'],
      operationId: 'importRecords',
      summary: 'Creates records, or changes those that are there',
      parameters: [{ name: 'type', in: 'path', required: true, schema: text }],
      requestBody: { required: true, content: lines },
      responses: answers({ 200: { description: 'What came of each line.', content: lines } }),
    },
  },
  '/api/blobs': {
    post: {
      tags: ['files'],
      operationId: 'announceFile',
      summary: 'Where to begin to send a file, or that it is here',
      requestBody: bodyOf('Announcement'),
      responses: answers({ 200: upload, 201: upload }),
    },
  },
  '/api/blobs/{hash}': {
    get: {
      tags: ['files'],
      operationId: 'readFile',
      summary: 'A file, or a range of it',
      parameters: [hash, header('Range', '`bytes=0-499`')],
      responses: answers({
        200: { description: 'The file.', content: file },
        206: { description: 'The range.', content: file },
      }),
    },
    put: {
      tags: ['files'],
      operationId: 'sendFile',
      summary: 'A file, all of it at once',
      parameters: [hash],
      requestBody: { required: true, content: file },
      responses: answers({ 200: upload, 201: upload }),
    },
  },
  '/api/blobs/{hash}/upload': {
    get: {
      tags: ['files'],
      operationId: 'readUpload',
      summary: 'How much of a file has arrived',
      parameters: [hash],
      responses: answers({ 200: upload }),
    },
    patch: {
      tags: ['files'],
      operationId: 'continueUpload',
      summary: 'The next piece',
      parameters: [
        hash,
        {
          ...header('Upload-Offset', 'Where the piece goes.'),
          required: true,
          schema: { type: 'integer', minimum: 0 },
        },
      ],
      requestBody: {
        required: true,
        content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
      responses: answers({ 200: upload }),
    },
    delete: {
      tags: ['files'],
      operationId: 'giveUpUpload',
      summary: 'Lets go of what has arrived of a file',
      parameters: [hash],
      responses: answers({ 204: { description: 'What had arrived is gone.' } }),
    },
  },
  '/api/blobs/{hash}/thumbnail': {
    get: {
      tags: ['files'],
      operationId: 'readThumbnail',
      summary: 'A small picture of a picture',
      parameters: [hash, query('size', { type: 'integer', enum: [96, 320, 1280], default: 320 })],
      responses: answers({ 200: { description: 'WebP.', content: { 'image/webp': { schema: text } } } }),
    },
  },
  '/api/sync/push': {
    post: {
      tags: ['sync'],
      operationId: 'push',
      summary: 'Updates of many records, in the binary form of the link',
      requestBody: { required: true, content: binary },
      responses: answers({ 200: { description: 'What came of them.', content: binary } }),
    },
  },
  '/api/sync/pull': {
    post: {
      tags: ['sync'],
      operationId: 'pull',
      summary: 'What many records have beyond state vectors',
      requestBody: { required: true, content: binary },
      responses: answers({ 200: { description: 'What is lacking.', content: binary } }),
    },
  },
  '/api/events': {
    get: {
      tags: ['events'],
      operationId: 'readEvents',
      summary: 'What happened, page by page or as a stream',
      parameters: [
        query('since', text, '`cursor` of the page before.'),
        query('type', text),
        query('record', text),
        query('wait', { type: 'integer', minimum: 0, maximum: 60 }, 'Seconds to wait for the first.'),
        param('Limit'),
      ],
      responses: answers({
        200: {
          description:
            'Events, and the `cursor` to read on from. Where `reset` is true, what followed the cursor is no longer there: read the records again.',
          content: { ...json({ type: 'object' }), 'text/event-stream': { schema: text } },
        },
      }),
    },
  },
  '/api/lists': {
    get: {
      tags: ['lists'],
      operationId: 'followList',
      summary: 'The rows of a list, and then what changes of them, as a stream',
      parameters: [
        query('type', text, 'Of which records.'),
        query('belong', text, 'Instead of it: a record, as `project:1`, and all that belongs to it.'),
        query('where', text, 'A filter over row fields as JSON: `{"status":{"in":["open","waiting"]}}`.'),
        query('orderBy', text, 'A row field and a direction: `created:desc`.'),
        query('limit', { type: 'integer', minimum: 1 }),
        query('cursor', text, '`cursor` of the rows before.'),
        query('count', { type: 'boolean' }, 'How many there are in all.'),
        query('groups', text, 'Row fields to count by, with commas.'),
        query('sums', text, 'Row fields to add up, with commas.'),
        query('presence', { type: 'boolean' }, 'Who is looking at each of the records.'),
      ],
      responses: answers({
        200: {
          description:
            'An event `rows` with all of them, then a `delta` for each change: rows that `enter`, `change` or `leave`, and `count`. Whoever comes back begins with `rows`. An event `error` says why the stream ends.',
          content: { 'text/event-stream': { schema: text } },
        },
      }),
    },
  },
  '/api/inbox/history': {
    get: {
      tags: ['inbox'],
      operationId: 'readNotices',
      summary: 'All that one was told and that is still kept, the latest first',
      parameters: [
        query('q', text, 'Words that must all occur.'),
        query('before', text, '`next` of the page before.'),
        query('limit', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
      ],
      responses: answers({ 200: { description: 'A page.', ...jsonOf('Notices') } }),
    },
  },
  '/api/inbox/push-key': {
    get: {
      tags: ['inbox'],
      operationId: 'readPushKey',
      summary: 'What a browser subscribes to: its applicationServerKey',
      responses: answers({
        200: {
          description: 'The public VAPID key.',
          content: json({ type: 'object', required: ['key'], properties: { key: text } }),
        },
      }),
    },
  },
  '/api/inbox/mail': {
    get: {
      tags: ['inbox'],
      operationId: 'readMailAddress',
      summary: 'Whether this server mails, and to which address of this person',
      responses: answers({
        200: {
          description: 'An address of null: none is known.',
          content: json({
            type: 'object',
            required: ['isMailed', 'address'],
            properties: { isMailed: { type: 'boolean' }, address: { type: ['string', 'null'] } },
          }),
        },
      }),
    },
  },
}

const generalSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'paths', 'retry'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: { type: 'string', description: 'What to do, for a person.' },
      code: { type: 'string', enum: Object.keys(errorCodes) },
      paths: { type: 'array', items: text, description: 'The fields concerned.' },
      retry: { type: 'boolean', description: 'The same, sent again later, may succeed.' },
    },
  },
  Shown: {
    type: 'object',
    properties: {
      room: text,
      type: text,
      id: text,
      epoch: text,
      commit: { type: 'integer' },
      created: { type: ['string', 'null'], format: 'date-time' },
      createdBy: text,
      updated: { type: ['string', 'null'], format: 'date-time' },
      updatedBy: text,
      removed: { type: 'boolean' },
      conflicts: { type: 'array', items: { $ref: '#/components/schemas/Conflict' } },
    },
    required: ['room', 'epoch', 'commit'],
  },
  Conflict: {
    type: 'object',
    description: 'Values that nobody has chosen between; the first is shown.',
    required: ['kind', 'path', 'values'],
    properties: {
      kind: { type: 'string', enum: ['values', 'edited while removed'] },
      path: text,
      values: {
        type: 'array',
        items: {
          type: 'object',
          properties: { value: {}, by: text, at: { type: 'string', format: 'date-time' } },
        },
      },
    },
  },
  Page: {
    type: 'object',
    required: ['type', 'rows', 'cursor'],
    properties: {
      type: text,
      rows: { type: 'array', items: { type: 'object' } },
      cursor: { type: ['string', 'null'], description: 'Null: there is no more.' },
      total: { type: 'integer' },
      groups: { type: 'object' },
      sums: { type: 'object' },
    },
  },
  Restore: { type: 'object', properties: { path: { ...text, description: 'An entry: `times/7f3`.' } } },
  RestorePast: {
    type: 'object',
    properties: {
      path: { ...text, description: 'A field, or an entry: `times/7f3`. Left out: all of the record.' },
      seq: { type: 'integer', minimum: 1, description: 'After the event of this number.' },
      at: { type: ['integer', 'string'], description: 'Or at this time: milliseconds, or an ISO date.' },
    },
  },
  Restored: {
    type: 'object',
    required: ['paths', 'kept', 'epoch', 'commit'],
    properties: {
      paths: { type: 'array', items: text, description: 'What was written.' },
      kept: {
        type: 'array',
        description: 'What stays as it is now.',
        items: { type: 'object', properties: { path: text, why: text } },
      },
      epoch: text,
      commit: { type: 'integer' },
    },
  },
  Notices: {
    type: 'object',
    required: ['items', 'next'],
    properties: {
      items: { type: 'array', items: { type: 'object' } },
      next: { type: ['string', 'null'], description: 'Null: there are no more.' },
    },
  },
  ActionAnswer: {
    type: 'object',
    required: ['id', 'state'],
    properties: {
      id: text,
      state: { type: 'string', enum: ['requested', 'accepted', 'refused'] },
      result: {},
    },
  },
  Operations: {
    type: 'object',
    required: ['operations'],
    properties: {
      operations: {
        type: 'array',
        description: 'At most 500, unless the server is told another limit (operationsPerRequest).',
        items: {
          type: 'object',
          required: ['op', 'type'],
          properties: {
            op: { type: 'string', enum: ['read', 'create', 'patch', 'remove', 'restore', 'act'] },
            type: text,
            id: text,
            values: { type: 'object' },
            again: { type: 'boolean', description: purgedName },
            patch: { type: 'object' },
            path: text,
            action: text,
            args: { type: 'object' },
            request: { ...text, description: 'An id for the request of an action.' },
            ifMatch: text,
            basis: text,
            idempotencyKey: text,
          },
        },
      },
    },
  },
  Results: {
    type: 'object',
    required: ['results'],
    properties: {
      results: {
        type: 'array',
        items: {
          type: 'object',
          required: ['status', 'headers', 'body'],
          properties: { status: { type: 'integer' }, headers: { type: 'object' }, body: {} },
        },
      },
    },
  },
  Announcement: {
    type: 'object',
    required: ['hash', 'bytes', 'type'],
    properties: {
      hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      bytes: { type: 'integer', minimum: 0 },
      type: { ...text, description: 'Media type, as image/jpeg.' },
      record: { ...text, description: 'The record that is to refer to it, as type:id.' },
      path: { ...text, description: 'The field of it.' },
    },
  },
  Upload: {
    type: 'object',
    required: ['hash', 'bytes', 'offset', 'state'],
    properties: {
      hash: text,
      bytes: { type: 'integer' },
      offset: { type: 'integer' },
      state: { type: 'string', enum: ['stored', 'uploading'] },
    },
  },
}
