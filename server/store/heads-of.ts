import type { Head, Store } from './store.ts'

/** Of all rooms by name, or of those behind one. */
export async function* headsOf(
  store: Pick<Store, 'readHeads'>,
  { behind = '', onDamaged }: { behind?: string; onDamaged?: (room: string) => void } = {},
): AsyncGenerator<Head> {
  let after: string | null = behind
  while (after !== null) {
    const page: { heads: readonly Head[]; next: string | null } = await store.readHeads(
      after === '' ? { limit: 500 } : { after, limit: 500 },
      onDamaged,
    )
    yield* page.heads
    after = page.next
  }
}
