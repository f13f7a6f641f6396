// What an operation of the document is put together from.

import type { JsonSchema } from '../../../shared/record/field.ts'

export type Operation = Readonly<Record<string, unknown>>
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

export const text = { type: 'string' } as const

export const param = (name: string): object => ({ $ref: `#/components/parameters/${name}` })

export const query = (name: string, schema: JsonSchema, description = ''): object => ({
  name,
  in: 'query',
  schema,
  ...(description === '' ? {} : { description }),
})

export const queryOfSome = (name: string, choices: readonly string[], description: string): object => ({
  ...query(name, { type: 'array', items: { type: 'string', enum: choices } }, description),
  explode: false,
})

/** How many of something are asked for. */
export const limit = ({ least, most, unsaid }: Record<'least' | 'most' | 'unsaid', number>): object =>
  query('limit', {
    type: 'integer',
    minimum: least,
    // Lifted, it is no number of JSON.
    ...(Number.isFinite(most) ? { maximum: most } : {}),
    default: unsaid,
  })

export const header = (name: string, description: string): object => ({
  name,
  in: 'header',
  schema: text,
  description,
})

export const parameters = {
  id: { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1, maxLength: 200 } },
  Basis: query('basis', text, 'The ETag of what the change is made from, without its quotes.'),
  IfMatch: header('If-Match', 'Refuse the change where the record stands at another ETag.'),
  IfNoneMatch: header('If-None-Match', 'Answer 304 where the record stands at this ETag.'),
  IdempotencyKey: header('Idempotency-Key', 'The same key and the same request: carried out once.'),
} as const

export const etag = { ETag: { schema: text, description: 'Epoch and commit number of what is shown.' } }
export const location = { Location: { schema: text } }

export const json = (schema: JsonSchema): object => ({ 'application/json': { schema } })
export const jsonOf = (name: string): object => ({ content: json({ $ref: `#/components/schemas/${name}` }) })
export const bodyOf = (name: string): object => ({ required: true, ...jsonOf(name) })

export function answers(responses: Readonly<Record<number, object>>): object {
  return { ...responses, default: { $ref: '#/components/responses/Problem' } }
}

export const purgedName =
  'Begin anew under an id whose record was purged; without it that is answered with PURGED.'
