// The token, and who it says we are. The application knows how to get one; this keeps it, asks once for all who
// wait, and notices when it has become somebody else's.

import { type Identity, readToken } from '../person.ts'

export class TokenSource {
  readonly #ask: () => string | Promise<string>
  #current: Identity | null = null
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
    const identity = readToken(await this.#ask())
    if (identity === null) throw new TypeError('the application gave no token that names a person')
    this.#current = identity
    return identity
  }
}
