// What the server says of a request that it does not carry out: problem+json, with the codes of the wire.

import { errorCodes, isErrorCode } from '../../shared/wire/error-codes.ts'
import { isObject } from '../../shared/wire/shape.ts'

export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly code: string

  constructor(code: string, sentence: string) {
    super(sentence)
    this.code = code
  }
}

export const requestProblem = async (response: Response): Promise<RequestProblem> => {
  try {
    const body: unknown = await response.json()
    if (isObject(body) && typeof body.code === 'string' && isErrorCode(body.code)) {
      const { code, detail } = body
      return new RequestProblem(code, typeof detail === 'string' ? detail : errorCodes[code].sentence)
    }
  } catch {
    // A proxy answered, in words of its own.
  }
  return new RequestProblem('INTERNAL', `The server answered ${response.status}.`)
}
