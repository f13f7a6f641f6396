/** What the shell shows of whoever a token names; the server alone decides what they may. Null: no token. */
export const nameInToken = (
  token: string,
): { readonly id: string; readonly name: string; readonly roles: readonly string[] } | null => {
  const payload = token.split('.')[1]
  if (payload === undefined) return null
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), c =>
      c.charCodeAt(0),
    )
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof claims !== 'object' || claims === null || !('sub' in claims)) return null
    const { sub } = claims
    if (typeof sub !== 'string' || sub === '') return null
    const name = 'name' in claims && typeof claims.name === 'string' ? claims.name : sub
    const roles =
      'roles' in claims && Array.isArray(claims.roles)
        ? claims.roles.filter(role => typeof role === 'string')
        : []
    return { id: sub, name, roles }
  } catch {
    return null
  }
}
