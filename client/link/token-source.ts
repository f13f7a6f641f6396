// The token, and who it says we are. The application knows how to get one; this keeps it, asks once for all who
// wait, and takes none that has become somebody else's: on a shared tablet the next person signs in while this page
// sleeps, and what it has not sent would go under the other's name and be refused.

import { errorCodes } from '../../shared/wire/error-codes.ts'
import { type Identity, readToken } from '../person.ts'
import type { Surroundings } from '../surroundings.ts'
import { RequestProblem } from './request-problem.ts'

/** Of the network that it was asked over nothing may be left, and a browser would wait for a quarter of an hour. */
const SILENCE_MS = 60_000

export class TokenSource {
  readonly #ask: () => string | Promise<string>
  readonly #surroundings: Pick<Surroundings, 'after'>
  #current: Identity | null = null
  #person: string | null = null
  #asking: Promise<Identity> | null = null
  #asked = 0
  /** The question whose answer was taken last. */
  #answered = 0

  constructor(ask: () => string | Promise<string>, surroundings: Pick<Surroundings, 'after'>) {
    this.#ask = ask
    this.#surroundings = surroundings
  }

  get current(): Identity | null {
    return this.#current
  }

  get(): Promise<Identity> {
    return this.#current === null ? this.renew() : Promise.resolve(this.#current)
  }

  /** The server does not take it any more. */
  forget(): void {
    this.#current = null
  }

  renew(): Promise<Identity> {
    this.#asking ??= this.#patiently(this.#read(++this.#asked)).finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  /** Once it is known who works here, an answer that does not come is asked for again; until then a person may sign in. */
  async #patiently(answer: Promise<Identity>): Promise<Identity> {
    if (this.#person === null) return await answer
    let cancel = (): void => {}
    const silence = new Promise<never>((_, fail) => {
      cancel = this.#surroundings.after(SILENCE_MS, () => fail(new TypeError(unanswered(SILENCE_MS))))
    })
    return await Promise.race([answer, silence]).finally(() => cancel())
  }

  async #read(question: number): Promise<Identity> {
    const token: unknown = await this.#ask()
    if (typeof token !== 'string')
      throw new TypeError(
        `the application gave ${token === null ? 'null' : typeof token} for a token: it is a text`,
      )
    const identity = readToken(token)
    if (identity === null) throw new TypeError('the application gave no token that names a person')
    this.#person ??= identity.me.id
    if (identity.me.id !== this.#person)
      throw new RequestProblem('TOKEN_OF_ANOTHER', errorCodes.TOKEN_OF_ANOTHER.sentence)
    if (question > this.#answered) {
      this.#answered = question
      this.#current = identity
    }
    return identity
  }
}

export const unanswered = (ms: number): string =>
  `the application’s token function has not answered for ${ms / 1_000} s`
