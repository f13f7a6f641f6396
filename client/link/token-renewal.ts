// A token is renewed over the open link before it expires, so that nothing is interrupted.

import type { Clock } from '../../shared/record/clock.ts'
import type { Surroundings } from '../surroundings.ts'
import type { TokenSource } from './token-source.ts'

export interface TokenRenewalParts {
  readonly tokens: TokenSource
  readonly clock: Clock
  readonly surroundings: Pick<Surroundings, 'after'>
  isOpen(): boolean
  send(token: string): void
}

const BEFORE_MS = 60_000
/** Timers of browsers overflow at 25 days. */
const WAIT_MS_MAX = 86_400_000

export class TokenRenewal {
  readonly #parts: TokenRenewalParts
  #cancel: (() => void) | null = null

  constructor(parts: TokenRenewalParts) {
    this.#parts = parts
  }

  /** The server counts on the token until then; null: for ever. */
  expires(at: number | null): void {
    this.stop()
    if (at === null) return
    const leftMs = at - this.#parts.clock.now()
    // A token of short life is renewed at half of it.
    this.#after(Math.max(0, leftMs - BEFORE_MS, leftMs / 2))
  }

  /** The server would not have the new one, and the old one still counts. */
  again(): void {
    this.#after(BEFORE_MS / 2)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #after(ms: number): void {
    this.stop()
    this.#cancel = this.#parts.surroundings.after(Math.min(ms, WAIT_MS_MAX), () => {
      this.#cancel = null
      void this.#renew()
    })
  }

  async #renew(): Promise<void> {
    const { tokens, isOpen, send } = this.#parts
    const before = tokens.current?.token
    try {
      const { token } = await tokens.renew()
      if (!isOpen()) return
      if (token === before) this.again()
      else send(token)
    } catch {
      if (isOpen()) this.again()
    }
  }
}
