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
  /** Tries for as long as they cannot be read. Gives the way to stop. */
  start(): () => void
}

export interface KeySetParts {
  readonly url: URL
  /** After so long they are read again. */
  readonly maxAgeMs?: number | undefined
  /** The provider is asked no more often, whatever tokens come: a key that is not known, or none yet, is looked for. */
  readonly pauseMs?: number | undefined
  /** Told why they cannot be read, and with null when they can be again. */
  readonly told?: ((reason: string | null) => void) | undefined
}

const TRIED_EVERY_MS = 5_000

export function createKeySet({
  url,
  maxAgeMs = 600_000,
  pauseMs = 3_000,
  told = () => {},
}: KeySetParts): KeySet {
  // It reads them when it is told to, and never by itself.
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
  })
  let isRead = false
  let trouble: { readonly error: unknown } | null = null
  let reading: Promise<void> | null = null
  let [readAt, triedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]

  async function ask(): Promise<void> {
    triedAt = performance.now()
    try {
      await remote.reload()
    } catch (error) {
      if (trouble === null) told(reasonWithCause(error))
      trouble = { error }
      throw error
    }
    readAt = performance.now()
    isRead = true
    if (trouble !== null) told(null)
    trouble = null
  }

  const isPausing = (): boolean => reading === null && performance.now() - triedAt < pauseMs

  async function read(): Promise<void> {
    if (trouble !== null && isPausing()) throw trouble.error
    reading ??= ask().finally(() => {
      reading = null
    })
    await reading
  }

  const tryToRead = (): Promise<void> => read().catch(() => {})

  return {
    problem: () =>
      isRead
        ? null
        : `${redactUrl(url.href)} ${trouble === null ? 'is not read yet' : `cannot be read: ${reasonWithCause(trouble.error)}`}`,
    start() {
      const timer = setInterval(tryWhereDue, TRIED_EVERY_MS)
      timer.unref()
      tryWhereDue()
      return () => clearInterval(timer)

      function tryWhereDue(): void {
        if (!isRead || trouble !== null) void tryToRead()
      }
    },
    async resolve(header, token) {
      if (!isRead) await read()
      else if (trouble !== null) void tryToRead()
      else if (performance.now() - readAt >= maxAgeMs) await tryToRead()
      try {
        return await remote(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || (trouble === null && isPausing())) throw error
        await read()
        return remote(header, token)
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
