import type { GroupCommit } from '../store/group-commit.ts'
import type { Readiness } from '../http/readiness.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { type Authenticator, createAuthenticator } from './authenticate.ts'
import { type ClientAddresses, createClientAddresses } from './client-address.ts'
import { createKeySet, type KeySet } from './key-set.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createStoredRevocations } from './stored-revocations.ts'
import { redactUrl } from './token-of-request.ts'
import type { Principal } from './principal.ts'
import { createTokenVerifier, type TokenKey, type TokenVerifier } from './tokens.ts'

/** Who may come in. One key at least, or `anonymous`. */
export interface AccessOptions {
  secret?: string
  /** The one before: tokens that it signed are taken as well, while they last. */
  previousSecret?: string
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
  /** Gives the way to stop. */
  start(): () => void
}

export interface AccessParts {
  readiness: Readiness
  logger: { error(fields: object, message: string): void; info(fields: object, message: string): void }
  store: Pick<Store, 'readValues'>
  committer: Pick<GroupCommit, 'submit'>
  now: () => number
  /** Told of everybody who is let in. */
  seen?: (principal: Principal) => void
}

export function createAccess(options: AccessOptions, parts: AccessParts): Access {
  const { store, committer, now, seen } = parts
  const clockToleranceSeconds = options.clockToleranceSeconds ?? 30
  const put = async (value: ValuePut): Promise<void> => {
    await committer.submit({ rooms: [], values: [value] })
  }
  const memory = createStoredRevocations(store, put, now)
  const revocations = createRevocations(memory, now)
  const keySet = options.jwks === undefined ? null : keySetOf(options.jwks, parts)
  const verifier = verifierOf(options, keySet, clockToleranceSeconds, now)
  return {
    start: () => keySet?.start() ?? (() => {}),
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

function keySetOf(jwks: URL, { readiness, logger }: Pick<AccessParts, 'readiness' | 'logger'>): KeySet {
  const url = redactUrl(String(jwks))
  const keySet = createKeySet({
    url: new URL(jwks),
    told(reason) {
      if (reason === null) logger.info({ url }, 'the keys that tokens are checked with can be read again')
      else logger.error({ url, reason }, 'the keys that tokens are checked with cannot be read')
    },
  })
  readiness.register('keys of tokens', keySet.problem)
  return keySet
}

function verifierOf(
  options: AccessOptions,
  keySet: KeySet | null,
  clockToleranceSeconds: number,
  now: () => number,
): TokenVerifier | null {
  const keys: TokenKey[] = []
  if (options.secret !== undefined) keys.push({ kind: 'secret', secret: options.secret })
  if (options.previousSecret !== undefined) {
    if (options.secret === undefined)
      throw new Error('A previous secret stands beside the one that followed it: give secret as well.')
    keys.push({ kind: 'secret', secret: options.previousSecret })
  }
  if (options.publicKey !== undefined) keys.push({ kind: 'publicKey', pem: options.publicKey })
  if (keySet !== null) keys.push({ kind: 'jwks', keySet })
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
