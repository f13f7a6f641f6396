import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { isUnreadable, type KeySet } from './key-set.ts'
import { isAnonymousId, type Principal } from './principal.ts'
import { reasonOf } from '../../shared/reason-of.ts'

/**
 * Tokens are JWTs by one of three kinds of key: a secret shared with who mints them (HS256), a public key, or the
 * key set behind a URL. The algorithms follow from the kind and never from the token: a token that could choose
 * would sign itself with the public key as if it were a secret.
 */
export type TokenKey =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'publicKey'; readonly pem: string }
  | { readonly kind: 'jwks'; readonly keySet: Pick<KeySet, 'resolve'> }

export type TokenRefusalCode =
  | 'TOKEN_MISSING'
  | 'TOKEN_INVALID'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_REVOKED'
  | 'TOKEN_KEYS_UNREACHABLE'

/** A refusal is a value, because a bad token is a peer's doing and none of our failures. */
export type Authentication =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly code: TokenRefusalCode; readonly reason: string }

export interface TokenVerifier {
  verify(token: string): Promise<Authentication>
}

export interface TokenRules {
  keys: readonly TokenKey[]
  issuer?: string | null
  audience?: string | null
  /** How far the clocks of who minted and who checks may be apart. */
  clockToleranceSeconds: number
  /** Where the roles stand in the claims, as a dotted path: `roles`, `realm_access.roles`. */
  rolesClaim: string
  now: () => number
}

const tokenBytesMax = 16_384
const idLengthMax = 200
const asymmetric = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

export function createTokenVerifier(rules: TokenRules): TokenVerifier {
  const checks = rules.keys.map(key => createCheck(key, rules))
  return {
    async verify(token) {
      if (token.length > tokenBytesMax) return refuse('TOKEN_INVALID', 'The token is too long.')
      let told = NOT_OURS
      for (const check of checks) {
        const verification = await check(token)
        if (verification === NOT_OURS) continue
        told = verification
        // It was signed by this key, so no other has more to say about it.
        if (verification.ok || verification.code !== 'TOKEN_KEYS_UNREACHABLE') return verification
      }
      return told
    },
  }
}

function createCheck(key: TokenKey, rules: TokenRules): (token: string) => Promise<Authentication> {
  const { algorithms, resolve } = keyResolver(key)
  const options = {
    algorithms,
    clockTolerance: rules.clockToleranceSeconds,
    requiredClaims: ['sub'],
    ...(rules.issuer == null ? {} : { issuer: rules.issuer }),
    ...(rules.audience == null ? {} : { audience: rules.audience }),
  }
  async function check(token: string, key: JWTVerifyGetKey): Promise<Authentication> {
    try {
      const { payload } = await jwtVerify(token, key, { ...options, currentDate: new Date(rules.now()) })
      return principalOfClaims(payload, rules.rolesClaim)
    } catch (error) {
      return error instanceof errors.JWKSMultipleMatchingKeys ? checkEach(token, error) : refusalOf(error)
    }
  }

  /** Neither token nor keys say by name which it was, as between an old key and a new one of the same kind. */
  async function checkEach(token: string, keys: errors.JWKSMultipleMatchingKeys): Promise<Authentication> {
    for await (const key of keys) {
      const verification = await check(token, async () => key)
      if (verification !== NOT_OURS) return verification
    }
    return NOT_OURS
  }

  return token => check(token, resolve)
}

function keyResolver(key: TokenKey): { algorithms: string[]; resolve: JWTVerifyGetKey } {
  switch (key.kind) {
    case 'secret': {
      // No token was ever signed by none: nobody would come in, and nothing would say why.
      if (key.secret === '') throw new Error('The secret is empty. Make one: openssl rand -hex 32')
      const bytes = new TextEncoder().encode(key.secret)
      return { algorithms: ['HS256'], resolve: async () => bytes }
    }
    case 'publicKey': {
      const object = parsePublicKey(key.pem)
      return { algorithms: algorithmsOf(object), resolve: async () => object }
    }
    case 'jwks':
      return { algorithms: asymmetric, resolve: key.keySet.resolve }
  }
}

/** A PEM public key or certificate. Throws with a sentence, because a wrong key must stop the start. */
export function parsePublicKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) {
    throw new Error(
      'This is a private key. The server only needs the public one; keep the private one to yourself.',
    )
  }
  try {
    return pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem)
  } catch (error) {
    throw new Error(`Not a PEM public key: ${reasonOf(error)}`)
  }
}

function algorithmsOf(key: KeyObject): string[] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return asymmetric.filter(name => name.startsWith('RS') || name.startsWith('PS'))
    case 'rsa-pss':
      return asymmetric.filter(name => name.startsWith('PS'))
    case 'ec':
      return [curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'ES256']
    case 'ed25519':
      return ['EdDSA', 'Ed25519']
    default:
      throw new Error(`A ${key.asymmetricKeyType} key cannot sign tokens: use RSA, EC or Ed25519.`)
  }
}

const curveAlgorithms: Record<string, string> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function refusalOf(error: unknown): Authentication {
  if (error instanceof errors.JWTExpired)
    return refuse('TOKEN_EXPIRED', 'The token has expired. Sign in again.')
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refuse('TOKEN_INVALID', `The token's claim «${error.claim}» does not hold here (${error.reason}).`)
  }
  if (isUnreadable(error)) {
    return refuse(
      'TOKEN_KEYS_UNREACHABLE',
      'The keys to check the token with cannot be reached. Try again shortly.',
    )
  }
  return NOT_OURS
}

const NOT_OURS = refuse('TOKEN_INVALID', 'The token was not signed by a key this server knows.')

function principalOfClaims(payload: JWTPayload, rolesClaim: string): Authentication {
  const { sub, exp } = payload
  if (typeof sub !== 'string' || sub === '' || sub.length > idLengthMax || hasLoneSurrogate(sub)) {
    return refuse('TOKEN_INVALID', `The token's «sub» must be a text of 1 to ${idLengthMax} characters.`)
  }
  // `$server` and its like write what people may not, and an anonymous id is shared by whoever comes.
  if (sub.startsWith('$') || isAnonymousId(sub)) {
    return refuse('TOKEN_INVALID', `The id «${sub}» is reserved.`)
  }
  const name = [payload.name, payload.preferred_username].find(isText) ?? sub
  return {
    ok: true,
    principal: {
      id: sub,
      name: name.slice(0, idLengthMax),
      roles: rolesAt(payload, rolesClaim),
      claims: payload,
      expiresAt: exp === undefined ? null : exp * 1000,
    },
  }
}

/** A list of texts, or one text with blanks between the roles, as OAuth's `scope` has it. */
function rolesAt(claims: Readonly<Record<string, unknown>>, path: string): string[] {
  let found: unknown = Object.hasOwn(claims, path) ? claims[path] : claims
  if (found === claims) {
    for (const segment of path.split('.')) {
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, segment)) return []
      found = Reflect.get(found, segment)
    }
  }
  if (typeof found === 'string') return found.split(' ').filter(role => role !== '')
  return Array.isArray(found) ? found.filter(isText) : []
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !hasLoneSurrogate(value)
}

/** Such a text reads differently after a round through UTF-8, so two replicas would know two people. */
function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}

function refuse(code: TokenRefusalCode, reason: string): Authentication {
  return { ok: false, code, reason }
}
