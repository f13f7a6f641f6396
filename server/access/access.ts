import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { type Authenticator, createAuthenticator } from './authenticate.ts'
import { type ClientAddresses, createClientAddresses } from './client-address.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createStoredRevocations } from './stored-revocations.ts'
import type { Principal } from './principal.ts'
import { createTokenVerifier, type TokenKey, type TokenVerifier } from './tokens.ts'

/** Who may come in. One key at least, or `anonymous`. */
export interface AccessOptions {
  secret?: string
  /** PEM. */
  publicKey?: string
  jwks?: URL
  issuer?: string
  audience?: string
  rolesClaim?: string
  clockToleranceSeconds?: number
  anonymous?: boolean
  corsOrigins?: readonly string[]
  trustedProxies?: readonly string[]
}

export interface Access {
  readonly authenticator: Authenticator
  readonly revocations: Revocations
  readonly sessions: Sessions
  readonly addresses: ClientAddresses
  readonly corsOrigins: readonly string[]
}

export interface AccessParts {
  store: Pick<Store, 'readValues'>
  committer: Pick<GroupCommit, 'submit'>
  now: () => number
  /** Told of everybody who is let in. */
  seen?: (principal: Principal) => void
}

export function createAccess(options: AccessOptions, { store, committer, now, seen }: AccessParts): Access {
  const clockToleranceSeconds = options.clockToleranceSeconds ?? 30
  const put = async (value: ValuePut): Promise<void> => {
    await committer.submit({ rooms: [], values: [value] })
  }
  const memory = createStoredRevocations(store, put, now)
  const revocations = createRevocations(memory, now)
  const verifier = verifierOf(options, clockToleranceSeconds, now)
  return {
    revocations,
    authenticator: createAuthenticator({
      verifier,
      anonymous: options.anonymous ?? false,
      revocations,
      ...(seen === undefined ? {} : { seen }),
    }),
    sessions: createSessions({ revocations, clockToleranceSeconds, now }),
    addresses: createClientAddresses(options.trustedProxies ?? []),
    corsOrigins: options.corsOrigins ?? [],
  }
}

function verifierOf(
  options: AccessOptions,
  clockToleranceSeconds: number,
  now: () => number,
): TokenVerifier | null {
  const keys: TokenKey[] = []
  if (options.secret !== undefined) keys.push({ kind: 'secret', secret: options.secret })
  if (options.publicKey !== undefined) keys.push({ kind: 'publicKey', pem: options.publicKey })
  if (options.jwks !== undefined) keys.push({ kind: 'jwks', url: options.jwks })
  if (keys.length === 0) {
    if (options.anonymous === true) return null
    throw new Error(
      'Say who may come in: give secret, publicKey or jwks, or anonymous for trying things out.',
    )
  }
  return createTokenVerifier({
    keys,
    issuer: options.issuer ?? null,
    audience: options.audience ?? null,
    rolesClaim: options.rolesClaim ?? 'roles',
    clockToleranceSeconds,
    now,
  })
}
