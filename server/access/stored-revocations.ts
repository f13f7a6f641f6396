import type { Store } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'
import type { Revocation, RevocationMemory } from './revocations.ts'

const space = '$revoked'

/** Revocations in the store's small values: one a token, one a person, the last one counts. */
export function createStoredRevocations(
  store: Pick<Store, 'readValues'>,
  put: (value: { space: string; key: string; value: string }) => Promise<void>,
  now: () => number,
): RevocationMemory {
  return {
    async load() {
      const revocations: Revocation[] = []
      // Since when it held cannot be read any more: it holds for all that was minted until now.
      const addDamaged = (key: string): void => {
        const [kind, ...rest] = key.split(' ')
        const name = rest.join(' ')
        if (kind === 'token') revocations.push({ kind, jti: name, at: now() })
        if (kind === 'person') revocations.push({ kind, sub: name, at: now() })
      }
      // Written by `save` below, and nobody else writes to this space.
      for await (const { value } of valuesOf(store, space, '', addDamaged))
        revocations.push(JSON.parse(value) as Revocation)
      return revocations
    },
    save(revocation) {
      const key = revocation.kind === 'token' ? `token ${revocation.jti}` : `person ${revocation.sub}`
      return put({ space, key, value: JSON.stringify(revocation) })
    },
  }
}
