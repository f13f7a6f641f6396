import { SignJWT } from 'jose'
import { assertKnownNames } from '../../shared/known-names.ts'
import { isObject } from '../../shared/is-object.ts'

export interface TokenWish {
  sub: string
  name?: string
  roles?: readonly string[]
  claims?: Readonly<Record<string, unknown>>
  /** Null: a token that does not expire. */
  lifetimeSeconds: number | null
  /** Lets this one token be revoked; the default is random. */
  jti?: string
  issuer?: string | null
  audience?: string | null
}

/** For trying things out, for tests and for the demo; in earnest tokens come from who signs people in. */
export async function mintToken(
  secret: string,
  wish: TokenWish,
  now: () => number = Date.now,
): Promise<string> {
  if (typeof secret !== 'string' || secret === '') throw new TypeError('mintToken: the secret is a text')
  if (typeof now !== 'function') throw new TypeError('mintToken: the time is a function, such as Date.now')
  assertWish(wish)
  const issuedAt = Math.floor(now() / 1000)
  const token = new SignJWT({
    ...wish.claims,
    ...(wish.name === undefined ? {} : { name: wish.name }),
    roles: wish.roles ?? [],
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(wish.sub)
    .setJti(wish.jti ?? crypto.randomUUID())
    .setIssuedAt(issuedAt)
  if (wish.lifetimeSeconds !== null) token.setExpirationTime(issuedAt + wish.lifetimeSeconds)
  if (wish.issuer != null) token.setIssuer(wish.issuer)
  if (wish.audience != null) token.setAudience(wish.audience)
  return token.sign(new TextEncoder().encode(secret))
}

/** A token that names nobody, or a role that is misspelt, would be refused at a server, or be somebody of no rights. */
function assertWish(wish: unknown): asserts wish is TokenWish {
  if (!isObject(wish))
    throw new TypeError('mintToken: who it is for is an object, as { sub, lifetimeSeconds }')
  assertKnownNames('mintToken has no', wish, WISHES)
  const { sub, roles = [], lifetimeSeconds }: { readonly [K in keyof TokenWish]?: unknown } = wish
  if (typeof sub !== 'string' || sub === '')
    throw new TypeError('mintToken: sub is a text that names a person')
  if (!(Array.isArray(roles) && roles.every(role => typeof role === 'string')))
    throw new TypeError('mintToken: roles is a list of texts')
  if (lifetimeSeconds !== null && !Number.isFinite(lifetimeSeconds))
    throw new TypeError('mintToken: lifetimeSeconds is a number, or null for a token that does not expire')
}

const WISHES: readonly string[] = [
  'sub',
  'name',
  'roles',
  'claims',
  'lifetimeSeconds',
  'jti',
  'issuer',
  'audience',
] satisfies (keyof TokenWish)[]
