import { SignJWT } from 'jose'

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
export async function mintToken(secret: string, wish: TokenWish, now: () => number): Promise<string> {
  if (typeof secret !== 'string' || secret === '') throw new TypeError('mintToken: the secret is a text')
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
