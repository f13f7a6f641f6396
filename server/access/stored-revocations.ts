import type { Store, Value } from '../store/store.ts'
import type { Revocation, RevocationMemory } from './revocations.ts'

const space = '$revoked'
const pageLength = 1_000

/** Revocations in the store's small values: one a token, one a person, the last one counts. */
export function createStoredRevocations(
  store: Pick<Store, 'readValues'>,
  put: (value: { space: string; key: string; value: string }) => Promise<void>,
): RevocationMemory {
  return {
    async load() {
      const revocations: Revocation[] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: { values: readonly Value[]; next: string | null } = await store.readValues(space, {
          limit: pageLength,
          ...(after === '' ? {} : { after }),
        })
        // Written by `save` below, and nobody else writes to this space.
        for (const { value } of page.values) revocations.push(JSON.parse(value) as Revocation)
        after = page.next
      }
      return revocations
    },
    save(revocation) {
      const key = revocation.kind === 'token' ? `token ${revocation.jti}` : `person ${revocation.sub}`
      return put({ space, key, value: JSON.stringify(revocation) })
    },
  }
}
