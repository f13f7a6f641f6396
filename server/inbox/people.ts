// Who there is to be told: whoever has come in with a token, as that token described them. Kept in the store, so
// that somebody who is away gets what happens meanwhile.

import type { FilterSubject } from '../../shared/record/filter.ts'
import { isAnonymous, type Principal } from '../access/principal.ts'
import type { Revocation } from '../access/revocations.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'

export const PEOPLE_SPACE = 'people'

export interface KnownPerson extends FilterSubject {
  readonly name: string
  readonly email: string | null
  /** To the day. */
  readonly seenAt: number
}

export interface PeopleParts {
  readonly store: Pick<Store, 'readValues'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

const DAY_MS = 86_400_000
/** Whoever has not come for so long is told nothing that is for everybody: most have left the house. */
const AWAY_MS_MAX = 90 * DAY_MS
/** Claims are copied for each person, and a filter compares short ones. */
const CLAIM_CHARS_MAX = 4_096
/** What changes with every token, or stands in a field of its own. */
const NOT_KEPT = new Set([
  'exp',
  'iat',
  'nbf',
  'jti',
  'auth_time',
  'nonce',
  'sid',
  'at_hash',
  'aud',
  'iss',
  'sub',
])

export class People {
  readonly #parts: PeopleParts
  readonly #known = new Map<string, KnownPerson>()
  readonly #lastPrincipals = new WeakSet<Principal>()

  constructor(parts: PeopleParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    // Written below, under the store's checksum. Who has come in while this is read is newer.
    for await (const { key, value } of valuesOf(this.#parts.store, PEOPLE_SPACE))
      if (!this.#known.has(key)) this.#known.set(key, JSON.parse(value) as KnownPerson)
  }

  /** They have shown this token. */
  seen(principal: Principal): void {
    if (isAnonymous(principal) || this.#lastPrincipals.has(principal)) return
    this.#lastPrincipals.add(principal)
    const person = personOf(principal, this.#parts.now())
    const known = this.#known.get(person.id)
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(person)) return
    this.#known.set(person.id, person)
    this.#put(person.id, JSON.stringify(person))
  }

  /** Their tokens count no more; with a new one they are back. */
  revoked(revocation: Revocation): void {
    if (revocation.kind !== 'person' || !this.#known.delete(revocation.sub)) return
    this.#put(revocation.sub, null)
  }

  get(id: string): KnownPerson | undefined {
    return this.#known.get(id)
  }

  /** Whoever is told what is for everybody. */
  *present(): Generator<KnownPerson> {
    const since = this.#parts.now() - AWAY_MS_MAX
    for (const person of this.#known.values()) if (person.seenAt > since) yield person
  }

  #put(key: string, value: string | null): void {
    this.#parts.committer
      .submit({ rooms: [], values: [{ space: PEOPLE_SPACE, key, value }] })
      .catch(this.#parts.failed)
  }
}

const personOf = ({ id, name, roles, claims }: Principal, now: number): KnownPerson => {
  const kept = Object.entries(claims).filter(
    ([claim, value]) => !NOT_KEPT.has(claim) && (JSON.stringify(value)?.length ?? 0) <= CLAIM_CHARS_MAX,
  )
  const { email } = claims
  return {
    id,
    name,
    roles,
    claims: Object.fromEntries(kept),
    email: typeof email === 'string' && isAddress(email) && claims['email_verified'] !== false ? email : null,
    seenAt: Math.floor(now / DAY_MS) * DAY_MS,
  }
}

const isAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>"',;:]+@[^\s@<>"',;:]+$/.test(text)
