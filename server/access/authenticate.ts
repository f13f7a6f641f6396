import type { IncomingMessage } from 'node:http'
import { anonymousPrincipal, type Principal } from './principal.ts'
import type { Revocations } from './revocations.ts'
import { parameterOf, tokenOfRequest } from './token-of-request.ts'
import type { Authentication, TokenVerifier } from './tokens.ts'

/** The one door: a request, or a token that arrives later over an open link, becomes a principal or a refusal. */
export interface Authenticator {
  /** For sockets and HTTP: the token is looked for in the header, the subprotocol and the query, in this order. */
  request(request: Pick<IncomingMessage, 'headers' | 'url' | 'socket'>): Promise<Authentication>
  /** For a renewal over an open link. */
  token(token: string): Promise<Authentication>
}

export interface AuthenticatorParts {
  /** Null where no key is configured: then every token is refused, and only anonymous people come in. */
  verifier: TokenVerifier | null
  anonymous: boolean
  revocations: Pick<Revocations, 'isRevoked' | 'seen'>
  /** Told of whoever has shown a token that counts. */
  seen?: (principal: Principal) => void
}

export function createAuthenticator({
  verifier,
  anonymous,
  revocations,
  seen,
}: AuthenticatorParts): Authenticator {
  async function authenticateToken(token: string): Promise<Authentication> {
    if (verifier === null) {
      return { ok: false, code: 'TOKEN_INVALID', reason: 'This server has no key to check tokens with.' }
    }
    const verified = await verifier.verify(token)
    if (verified.ok && revocations.isRevoked(verified.principal)) {
      return { ok: false, code: 'TOKEN_REVOKED', reason: 'This token was revoked. Sign in again.' }
    }
    if (!verified.ok) return verified
    revocations.seen(verified.principal)
    seen?.(verified.principal)
    return verified
  }

  return {
    token: authenticateToken,
    async request(request) {
      const token = tokenOfRequest(request)
      // A token that is there counts, also where anonymous people are let in: whoever shows one wants to be known.
      if (token !== null && verifier !== null) return authenticateToken(token)
      if (anonymous) return { ok: true, principal: anonymousPrincipal(nameOfRequest(request)) }
      if (token !== null) return authenticateToken(token)
      return {
        ok: false,
        code: 'TOKEN_MISSING',
        reason: 'A token is needed: ?token=… or Authorization: Bearer ….',
      }
    },
  }
}

function nameOfRequest(request: Pick<IncomingMessage, 'headers' | 'url' | 'socket'>): string | null {
  return parameterOf(request.url ?? '/', 'name')
}
