// The token, and who it says we are. The application knows how to get one; this keeps it, asks once for all who
// wait, and takes none that has become somebody else's: on a shared tablet the next person signs in while this page
// sleeps, and what it has not sent would go under the other's name and be refused.

import { errorCodes } from '../../shared/wire/error-codes.ts'
import { type Identity, readToken } from '../person.ts'
import { RequestProblem } from './request-problem.ts'

export class TokenSource {
  readonly #ask: () => string | Promise<string>
  #current: Identity | null = null
  #person: string | null = null
  #asking: Promise<Identity> | null = null

  constructor(ask: () => string | Promise<string>) {
    this.#ask = ask
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
    this.#asking ??= this.#read().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #read(): Promise<Identity> {
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
    this.#current = identity
    return identity
  }
}
