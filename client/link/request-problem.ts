// What the server says of a request that it does not carry out: problem+json, with the codes of the wire.

import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import { isObject } from '../../shared/is-object.ts'

export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly code: string
  readonly paths: readonly string[]

  constructor(code: string, sentence: string, paths: readonly string[] = []) {
    super(sentence)
    this.code = code
    this.paths = paths
  }
}

export const requestProblem = async (response: Response): Promise<RequestProblem> => {
  try {
    const body: unknown = await response.json()
    if (isObject(body) && typeof body.code === 'string' && isErrorCode(body.code)) {
      const { code, detail, paths } = body
      const sentence = typeof detail === 'string' ? detail : errorCodes[code].sentence
      return new RequestProblem(code, sentence, textsIn(paths))
    }
  } catch {
    // A proxy answered, in words of its own.
  }
  return new RequestProblem('INTERNAL', `The server answered ${response.status}.`)
}

/** The paths concerned; of what names none, there are none. */
export const textsIn = (paths: unknown): readonly string[] =>
  Array.isArray(paths) ? paths.filter(path => typeof path === 'string') : []
