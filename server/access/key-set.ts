import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { reasonWithCause } from '../../shared/reason-of.ts'
import { redactUrl } from './token-of-request.ts'

/**
 * The keys behind an identity provider's URL. Those once seen still count while it does not answer: a provider that is
 * down shuts no door, and one that hangs holds nobody up.
 */
export interface KeySet {
  readonly resolve: JWTVerifyGetKey
  /** Why nobody can come in; null once the keys were read. */
  readonly problem: () => string | null
  /** Tries until they are read for the first time. Gives the way to stop. */
  start(): () => void
}

export interface KeySetParts {
  readonly url: URL
  /** After so long they are read again. */
  readonly maxAgeMs?: number | undefined
  /** Told why they cannot be read, and with null when they can be again. */
  readonly told?: ((reason: string | null) => void) | undefined
}

/** A new key is looked for at once, and whoever makes up names of keys asks no more often of the provider. */
const LOOKED_FOR_EVERY_MS = 3_000
const TRIED_EVERY_MS = 5_000

export function createKeySet({ url, maxAgeMs = 600_000, told = () => {} }: KeySetParts): KeySet {
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: LOOKED_FOR_EVERY_MS,
  })
  let isRead = false
  let trouble: string | null = null
  let [readAt, triedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]

  function note(reason: string | null): void {
    if (reason === null) {
      isRead = true
      readAt = performance.now()
    }
    if ((reason === null) !== (trouble === null)) told(reason)
    trouble = reason
  }

  async function read(): Promise<void> {
    triedAt = performance.now()
    try {
      await remote.reload()
      note(null)
    } catch (error) {
      note(reasonWithCause(error))
      throw error
    }
  }

  async function readAgain(): Promise<void> {
    if (performance.now() - readAt < maxAgeMs) return
    const isKnownToFail = trouble !== null
    if (isKnownToFail && performance.now() - triedAt < TRIED_EVERY_MS) return
    const reading = read().catch(() => {})
    if (!isKnownToFail) await reading
  }

  return {
    problem: () =>
      isRead
        ? null
        : `${redactUrl(url.href)} ${trouble === null ? 'is not read yet' : `cannot be read: ${trouble}`}`,
    start() {
      const timer = setInterval(tryOnce, TRIED_EVERY_MS)
      timer.unref()
      tryOnce()
      return () => clearInterval(timer)

      function tryOnce(): void {
        if (isRead) clearInterval(timer)
        else read().catch(() => {})
      }
    },
    async resolve(header, token) {
      if (isRead) await readAgain()
      else await read()
      try {
        return await remote(header, token)
      } catch (error) {
        if (isUnreadable(error)) note(reasonWithCause(error))
        throw error
      }
    },
  }
}

/** The keys were not read, as against having been read and holding none that fits. */
export const isUnreadable = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === 'ERR_JOSE_GENERIC'
