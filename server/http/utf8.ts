import type { FastifyBodyParser, FastifyInstance } from 'fastify'
import { HttpProblem } from './problem.ts'

/**
 * Text that comes is UTF-8. What is of another encoding reads as UTF-8 too, with a mark in the place of each letter
 * that is not English: it would be stored so, and called saved.
 */
export const NOT_UTF8 = 'Send it as UTF-8: it is text of another encoding.'

/** A body of JSON. With a DELETE an empty one is none: programs name the type with every request. */
export function jsonOfUtf8(app: FastifyInstance): FastifyBodyParser<Buffer> {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    if (body.length === 0 && request.method === 'DELETE') {
      done(null)
      return
    }
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    } catch {
      done(new HttpProblem('BAD_REQUEST', NOT_UTF8))
      return
    }
    parse(request, text, (error, parsed) =>
      done(error !== null && isJson(text) ? forbiddenKey() : error, parsed),
    )
  }
}

/** What the parser refuses although it is JSON has a key that would change what an object reads as. */
const forbiddenKey = (): HttpProblem =>
  new HttpProblem(
    'BAD_REQUEST',
    'Leave out the key «__proto__» (or «prototype» in «constructor»): no record can hold it.',
  )

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Text as it comes in pieces, which is to be read on after a part that is not UTF-8. */
export class ArrivingText {
  readonly #strict = new TextDecoder('utf-8', { fatal: true })
  readonly #lenient = new TextDecoder()
  #isBroken = false

  /** Without a piece: the end. */
  take(piece?: Uint8Array): string {
    const options = { stream: piece !== undefined }
    try {
      if (!this.#isBroken) this.#strict.decode(piece, options)
    } catch {
      this.#isBroken = true
    }
    return this.#lenient.decode(piece, options)
  }

  /** Whether a part of what was taken was not UTF-8. */
  isDamaged(part: string): boolean {
    return this.#isBroken && part.includes('\uFFFD')
  }
}
