import type { Principal } from './principal.ts'

/**
 * What was revoked: one token by its `jti`, or all of a person's tokens minted so far by their `sub`. A person
 * can come back with a token minted later; one without `iat` cannot show that it is later, and stays out.
 */
export type Revocation =
  | { readonly kind: 'token'; readonly jti: string; readonly at: number }
  | { readonly kind: 'person'; readonly sub: string; readonly at: number }

/** Where revocations outlive the process; the store's small table in earnest. */
export interface RevocationMemory {
  load(): Promise<Revocation[]>
  save(revocation: Revocation): Promise<void>
}

export interface Revocations {
  start(): Promise<void>
  revoke(which: { jti: string } | { sub: string }): Promise<Revocation>
  isRevoked(principal: Principal): boolean
  /** They have come in by this token, so it was minted, whatever the clock here says. */
  seen(principal: Principal): void
  /** Called after the revocation is in force, so that live sessions can end. Gives the way to stop listening. */
  onRevoked(listener: (revocation: Revocation) => void): () => void
}

/**
 * Beyond a usual error of clocks a token tells of itself alone: who was revoked is let in again by a new one of the
 * right clock, which must not have to wait for a wrong one to be reached.
 */
const AHEAD_MS_MAX = 15 * 60_000

export function createRevocations(
  memory: RevocationMemory,
  now: () => number,
  passed: () => number = () => performance.now(),
): Revocations {
  const tokens = new Set<string>()
  const peopleSince = new Map<string, number>()
  /** When the newest token was minted that each person has shown. */
  const newest = new Map<string, number>()
  /**
   * What a clock that is ahead, and mints tokens, showed when nothing had passed yet, as far as those say that were
   * shown. Not by how much it is ahead: the one here may be set meanwhile.
   */
  let mintsSince = Number.NEGATIVE_INFINITY
  const listeners = new Set<(revocation: Revocation) => void>()

  function remember(revocation: Revocation): void {
    if (revocation.kind === 'token') tokens.add(revocation.jti)
    else peopleSince.set(revocation.sub, revocation.at)
  }

  /**
   * Not before a token that they have, or may have and not have shown yet: the clock here may be behind, or have been
   * set back since the last time.
   */
  const untilNow = (sub: string): number => {
    const minting = Math.ceil(mintsSince + passed())
    const isAhead = minting - now() <= AHEAD_MS_MAX
    return Math.max(now(), isAhead ? minting : 0, newest.get(sub) ?? 0, peopleSince.get(sub) ?? 0)
  }

  return {
    async start() {
      for (const revocation of await memory.load()) remember(revocation)
    },
    async revoke(which) {
      const revocation: Revocation =
        'jti' in which
          ? { kind: 'token', jti: which.jti, at: now() }
          : { kind: 'person', sub: which.sub, at: untilNow(which.sub) }
      // In force before it is durable: if the disk fails the door is shut all the same, and the caller is told.
      remember(revocation)
      for (const listener of listeners) listener(revocation)
      await memory.save(revocation)
      return revocation
    },
    isRevoked(principal) {
      const { jti, iat } = principal.claims
      if (typeof jti === 'string' && tokens.has(jti)) return true
      const since = peopleSince.get(principal.id)
      return since !== undefined && !(typeof iat === 'number' && iat * 1000 > since)
    },
    seen({ id, claims: { iat } }) {
      const minted = typeof iat === 'number' ? iat * 1000 : 0
      if (minted > (newest.get(id) ?? 0)) newest.set(id, minted)
      // Tokens name whole seconds.
      const mintedBy = minted + 999
      if (minted > now() && mintedBy - now() <= AHEAD_MS_MAX)
        mintsSince = Math.max(mintsSince, mintedBy - passed())
    },
    onRevoked(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
