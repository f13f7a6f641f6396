// Who works here, read from the token. The client checks no signature: a forged token shows its owner nothing
// that is not on the device already, and the server does check.

import { createMe } from '../shared/record/access.ts'
import type { Me } from '../shared/record/record-type.ts'
import { isObject } from '../shared/is-object.ts'

export interface Identity {
  readonly me: Me
  readonly token: string
}

/** Null when the text is no token that names a person. */
export const readToken = (token: string): Identity | null => {
  const claims = readClaims(token)
  if (claims === null || typeof claims.sub !== 'string' || claims.sub === '') return null
  const { sub, name, roles } = claims
  return {
    token,
    me: createMe({
      id: sub,
      name: typeof name === 'string' ? name : sub,
      roles: Array.isArray(roles) ? roles.filter(role => typeof role === 'string') : [],
      claims,
    }),
  }
}

/** The same person, with the rights of the newest token: they change while a desk is open. */
export const byNewestToken = (first: Me, newest: () => Me | undefined): Me => {
  let last = first
  const now = (): Me => {
    // Of somebody else is none that this desk is open for, and between two tokens the last one says it.
    const me = newest()
    if (me?.id === first.id) last = me
    return last
  }
  const me: Me = {
    id: first.id,
    get name() {
      return now().name
    },
    get roles() {
      return now().roles
    },
    get claims() {
      return now().claims
    },
    is: (...roles) => now().is(...roles),
  }
  // So that it can be copied, to a worker, say, which a function cannot.
  return Object.defineProperty(me, 'is', { enumerable: false })
}

const readClaims = (token: string): Record<string, unknown> | null => {
  // With a word before it, such as «Bearer», no server takes it.
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1]
  if (payload === undefined) return null
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), c =>
      c.charCodeAt(0),
    )
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isObject(claims) ? { ...claims } : null
  } catch {
    return null
  }
}
