import type { ErrorCode } from '../wire/error-codes.ts'
import { CREATED, RECORD_PATH } from './path.ts'
import { isPlain } from './value.ts'

export interface Problem {
  readonly code: ErrorCode
  readonly path: string
  /** What is wrong and what to do about it, for a person. */
  readonly sentence: string
}

/** Of all of them, each with where it is; the tray takes its own out of it. */
export const sentenceOf = (problems: readonly Problem[]): string =>
  problems.map(({ path, sentence }) => `${placeOf(path)}: ${sentence}`).join('; ')

export const placeOf = (path: string): string =>
  path === RECORD_PATH || path === CREATED ? 'the record' : path

/** A write that was not made. Nothing of a failed `set` is written. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
  readonly code: ErrorCode
  readonly path: string
  readonly problems: readonly Problem[]

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(sentenceOf(problems))
    this.code = problems[0].code
    this.path = problems[0].path
    this.problems = problems
  }
}

export const throwIfAny = (problems: readonly Problem[]): void => {
  const [first, ...rest] = problems
  if (first !== undefined) throw new RecordError([first, ...rest])
}

/** As what a variable holds that nobody has set yet. */
export const assertPath = (path: unknown): void => {
  if (typeof path === 'string') return
  const sentence = `is named by a text, as title or steps/<id>/label, and not by ${String(path)}`
  throw new RecordError([{ code: 'BAD_PATH', path: RECORD_PATH, sentence }])
}

/** From JavaScript, or an answer that was taken for one: what is to be written stands by name. */
export const assertByName = (values: unknown, path: string): void => {
  const isObject = typeof values === 'object' && values !== null && !Array.isArray(values)
  // What a Map, a FormData or a Date holds does not stand by name: it would be written as nothing.
  if (isObject && (isPlain(values) || Object.keys(values).length > 0)) return
  const given = isObject
    ? `a ${values.constructor.name}`
    : Array.isArray(values)
      ? 'a list'
      : values === null
        ? 'null'
        : typeof values
  throw new RecordError([
    {
      code: 'BAD_VALUE',
      path,
      sentence: `is written by an object, as { title: 'Paint' }, and not by ${given}`,
    },
  ])
}
