import type { Answer, Ask } from './rest-client.ts'

/** What a client needs of an OpenAPI document; a document is JSON. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly parameters: Readonly<Record<string, Parameter>>
  }
}

export type Schema = Readonly<Record<string, unknown>>

export interface Parameter {
  readonly $ref?: string
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

export interface DocumentedOperation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}

export interface Method {
  readonly id: string
  readonly verb: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  /** Of its JSON body, if it takes one. */
  readonly body: Schema | null
  readonly bodyType: string | null
}

export const methodsOf = (document: Document): Method[] =>
  Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, { operationId, parameters = [], requestBody }]) => {
      const [bodyType = null] = Object.keys(requestBody?.content ?? {})
      return {
        id: operationId,
        verb: verb.toUpperCase(),
        path,
        parameters: parameters.map(one => parameterOf(document, one)),
        body: requestBody?.content['application/json']?.schema ?? null,
        bodyType,
      }
    }),
  )

const parameterOf = ({ components }: Document, parameter: Parameter): Parameter =>
  (parameter.$ref === undefined
    ? parameter
    : components.parameters[parameter.$ref.split('/').at(-1) ?? '']) ?? parameter

export type Call = (values?: Readonly<Record<string, unknown>>, body?: unknown) => Promise<Answer>

/** A function for each operation, made of nothing but the document. */
export const generateClient = (document: Document, ask: Ask): Readonly<Record<string, Call>> =>
  Object.fromEntries(
    methodsOf(document).map(method => [method.id, (values = {}, body?) => call(ask, method, values, body)]),
  )

export const call = (
  ask: Ask,
  { verb, path, parameters, bodyType }: Method,
  values: Readonly<Record<string, unknown>>,
  body: unknown,
): Promise<Answer> => {
  let address = path
  const query = new URLSearchParams()
  const headers: Record<string, string> = {}
  for (const parameter of parameters) {
    const value = values[parameter.name]
    if (value === undefined) continue
    if (parameter.in === 'path') address = address.replace(`{${parameter.name}}`, encoded(String(value)))
    else if (parameter.in === 'query') query.append(parameter.name, String(value))
    else headers[parameter.name] = String(value)
  }
  if (body !== undefined && bodyType !== null) headers['content-type'] = bodyType
  const words = query.size === 0 ? '' : `?${query}`
  return ask(verb, `${address}${words}`, body === undefined ? undefined : body, headers)
}

/** Half a surrogate pair has no encoding; three bytes that are no text stand for it. */
const encoded = (text: string): string => {
  try {
    return encodeURIComponent(text)
  } catch {
    return '%ED%A0%80'
  }
}
