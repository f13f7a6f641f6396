/**
 * Who is on the other side: read once from the token, the same for sockets, REST and push/pull. Access rules
 * see `roles` and `claims`; the history and presence see `id` and `name`.
 */
export interface Principal {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  /** In milliseconds; null for what does not expire (anonymous people, tokens without `exp`). */
  readonly expiresAt: number | null
}

export const adminRole = 'admin'
export const anonymousId = 'anonymous'
/** Under which lines are imported; what it writes is no news to anybody. */
export const importerId = 'import'

/** The role that may do everything, the operator's endpoints included. */
export function isAdmin(principal: Principal): boolean {
  return principal.roles.includes(adminRole)
}

/**
 * Nobody in particular. Caps counted per user are counted per connection for such a principal, because
 * everybody shares its id.
 */
export function isAnonymous(principal: Principal): boolean {
  return isAnonymousId(principal.id)
}

export function isAnonymousId(id: string): boolean {
  return id === anonymousId || id.startsWith(`${anonymousId}:`)
}

/**
 * One id for all who give no name, one per name for the others, and none per connection: a client id belongs to
 * the user who first used it, so an id that changed with each reconnect would shut a tab out of its own edits.
 */
export function anonymousPrincipal(name: string | null): Principal {
  const shown = name?.trim().slice(0, 80) ?? ''
  return shown === '' ? nobody : { ...nobody, id: `${anonymousId}:${shown}`, name: shown }
}

/** One for all of them: sockets that nobody in particular has opened are many. */
const nobody: Principal = { id: anonymousId, name: 'Anonymous', roles: [], claims: {}, expiresAt: null }
