import { isObject } from '../is-object.ts'

/**
 * Shapes of JSON messages: what is declared once gives the type, the parser, and a description that the
 * fingerprint test pins to the version of the link. A parser takes nothing it was not told of: unknown keys are
 * dropped, wrong ones throw ShapeError with the path, and no value is ever cast.
 */
export interface Shape<T> {
  readonly layout: Json
  parse(value: unknown, path: string): T
}

export type Parsed<S> = S extends Shape<infer T> ? T : never

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

const wrong = (path: string, wanted: string): never => {
  throw new ShapeError(`${path || 'the message'} must be ${wanted}`)
}

export const text = (lengthMax: number): Shape<string> => ({
  layout: 'text',
  parse: (value, path) =>
    typeof value === 'string' && value.length <= lengthMax
      ? value
      : wrong(path, `a text of at most ${lengthMax} characters`),
})

/** A whole number from 0 up that survives JSON. */
export const natural: Shape<number> = {
  layout: 'natural',
  parse: (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : wrong(path, 'a whole number from 0 up'),
}

export const flag: Shape<boolean> = {
  layout: 'flag',
  parse: (value, path) => (typeof value === 'boolean' ? value : wrong(path, 'true or false')),
}

export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  layout: { nullable: shape.layout },
  parse: (value, path) => (value === null ? null : shape.parse(value, path)),
})

export const listOf = <T>(shape: Shape<T>, lengthMax: number): Shape<readonly T[]> => ({
  layout: { listOf: shape.layout },
  parse: (value, path) =>
    Array.isArray(value) && value.length <= lengthMax
      ? value.map((item, index) => shape.parse(item, `${path}[${index}]`))
      : wrong(path, `a list of at most ${lengthMax}`),
})

export const pairOf = <A, B>(first: Shape<A>, second: Shape<B>): Shape<readonly [A, B]> => ({
  layout: { pairOf: [first.layout, second.layout] },
  parse: (value, path) =>
    Array.isArray(value) && value.length === 2
      ? [first.parse(value[0], `${path}[0]`), second.parse(value[1], `${path}[1]`)]
      : wrong(path, 'a pair'),
})

type Fields = Readonly<Record<string, Shape<unknown>>>
type ObjectOf<Required extends Fields, Optional extends Fields> = {
  readonly [Key in keyof Required]: Parsed<Required[Key]>
} & { readonly [Key in keyof Optional]?: Parsed<Optional[Key]> }

const noFields = {}

export const object = <Required extends Fields, Optional extends Fields = typeof noFields>(
  required: Required,
  optional?: Optional,
): Shape<ObjectOf<Required, Optional>> => ({
  layout: { object: layoutsOf(required), optional: layoutsOf(optional ?? {}) },
  parse(value, path) {
    if (!isObject(value)) return wrong(path, 'an object')
    const parsed: Record<string, unknown> = {}
    for (const [key, shape] of Object.entries(required))
      parsed[key] = shape.parse(Object.hasOwn(value, key) ? value[key] : undefined, pathOf(path, key))
    for (const [key, shape] of Object.entries(optional ?? {})) {
      if (Object.hasOwn(value, key) && value[key] !== undefined)
        parsed[key] = shape.parse(value[key], pathOf(path, key))
    }
    // Each key was parsed by its own shape, which the type of the loop cannot say.
    return parsed as ObjectOf<Required, Optional>
  },
})

const pathOf = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

const layoutsOf = (fields: Fields): JsonObject =>
  Object.fromEntries(Object.entries(fields).map(([key, shape]) => [key, shape.layout]))
