import type { ErrorCode } from '../../shared/wire/error-codes.ts'

/** Why it cannot be answered: whoever asked is told. */
export class ListProblem extends Error {
  override readonly name = 'ListProblem'
  readonly code: ErrorCode
  /** The part of the query concerned, where one is. */
  readonly paths: readonly string[]

  constructor(code: ErrorCode, sentence: string, ...paths: readonly string[]) {
    super(sentence)
    this.code = code
    this.paths = paths
  }
}
