import type { RecordType } from '../../../shared/record/record-type.ts'
import { ordersOf } from '../../../shared/record/row-order.ts'
import type { JsonSchema } from '../../../shared/record/field.ts'
import { LIST_LIMIT_DEFAULT } from '../../list/list-ask.ts'
import { postedFieldsOf } from '../../list/posted-fields.ts'
import { LIST_PARAMETERS } from '../list-records.ts'
import { argsSchema, createSchema, patchSchema, rowSchema, viewSchema } from './field-schemas.ts'
import { generalPaths } from './general-paths.ts'
import { generalSchemas } from './general-schemas.ts'
import {
  answers,
  bodyOf,
  etag,
  json,
  jsonOf,
  limit,
  location,
  type Paths,
  param,
  parameters,
  purgedName,
  query,
  queryOfSome,
  text,
} from './operation-parts.ts'

/** The document of `/api/openapi.json`: everything in it follows from the record types. */
export type OpenApi = { readonly [key: string]: unknown }

export interface OpenApiParts {
  readonly version: string
  /** The most rows that one page has. */
  readonly rowsMax: number
}

export function openApiDocument(types: Iterable<RecordType>, { version, rowsMax }: OpenApiParts): OpenApi {
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
      parameters: { ...parameters, Rows: limit({ least: 0, most: rowsMax, unsaid: LIST_LIMIT_DEFAULT }) },
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
        parameters: [
          param('id'),
          query('before', { type: 'integer' }),
          query('path', text),
          limit({ least: 0, most: 500, unsaid: 50 }),
        ],
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
    param('Rows'),
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
