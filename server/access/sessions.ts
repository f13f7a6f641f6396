import type { Principal } from './principal.ts'
import type { Revocation, Revocations } from './revocations.ts'

/**
 * The sockets that live on a principal. Access is checked when a session starts, and ended here when what it was
 * checked by ends: the token expires, is revoked, or is renewed to a person who may less.
 */
export interface Session {
  readonly principal: Principal
  /** Close with the close code of this error code; the session is forgotten by then. */
  end(code: 'TOKEN_EXPIRED' | 'TOKEN_REVOKED'): void
}

export interface SessionHandle {
  /** After a token renewal: expiry counts from the new principal. */
  renewed(principal: Principal): void
  remove(): void
}

export interface Sessions {
  add(session: Session): SessionHandle
  readonly size: number
  close(): void
}

export interface SessionsParts {
  revocations: Pick<Revocations, 'isRevoked' | 'onRevoked'>
  clockToleranceSeconds: number
  now: () => number
  /** The timer, and the way to stop it. */
  every?: (ms: number, sweep: () => void) => () => void
}

/** One timer for all sessions, because ten thousand would cost more than they tell. */
const sweepEveryMs = 5_000

interface Entry {
  principal: Principal
  readonly session: Session
}

export function createSessions({
  revocations,
  clockToleranceSeconds,
  now,
  every = unreferencedInterval,
}: SessionsParts): Sessions {
  const entries = new Set<Entry>()
  const stopListening = revocations.onRevoked(endRevoked)
  const stopSweeping = every(sweepEveryMs, endExpired)

  function end(entry: Entry, code: 'TOKEN_EXPIRED' | 'TOKEN_REVOKED'): void {
    entries.delete(entry)
    entry.session.end(code)
  }

  function endRevoked(revocation: Revocation): void {
    for (const entry of [...entries]) {
      if (isMeant(revocation, entry.principal) && revocations.isRevoked(entry.principal))
        end(entry, 'TOKEN_REVOKED')
    }
  }

  function endExpired(): void {
    const oldest = now() - clockToleranceSeconds * 1000
    for (const entry of [...entries]) {
      const { expiresAt } = entry.principal
      if (expiresAt !== null && expiresAt <= oldest) end(entry, 'TOKEN_EXPIRED')
    }
  }

  return {
    get size() {
      return entries.size
    },
    add(session) {
      const entry: Entry = { principal: session.principal, session }
      entries.add(entry)
      return {
        renewed(principal) {
          entry.principal = principal
        },
        remove() {
          entries.delete(entry)
        },
      }
    },
    close() {
      stopSweeping()
      stopListening()
      entries.clear()
    },
  }
}

function unreferencedInterval(ms: number, sweep: () => void): () => void {
  const timer = setInterval(sweep, ms)
  timer.unref()
  return () => clearInterval(timer)
}

function isMeant(revocation: Revocation, principal: Principal): boolean {
  return revocation.kind === 'token'
    ? principal.claims.jti === revocation.jti
    : principal.id === revocation.sub
}
