import type { Store, Value } from './store.ts'

/** All values of a space that can be read, or of those whose keys begin so. */
export async function* valuesOf(
  store: Pick<Store, 'readValues'>,
  space: string,
  prefix = '',
  onDamaged?: (key: string) => void,
): AsyncGenerator<Value> {
  for await (const values of pagesOf(store, space, prefix, onDamaged)) yield* values
}

/** The same in pages, for whoever writes as much at once as was read. */
export async function* pagesOf(
  store: Pick<Store, 'readValues'>,
  space: string,
  prefix = '',
  /** Told the keys of those that cannot be read, where it matters that they were there. */
  onDamaged: (key: string) => void = () => {},
): AsyncGenerator<readonly Value[]> {
  let after: string | undefined
  do {
    const range = { prefix, limit: 500, ...(after === undefined ? {} : { after }) }
    const { values, next, damaged } = await store.readValues(space, range)
    damaged.forEach(onDamaged)
    yield values
    after = next ?? undefined
  } while (after !== undefined)
}
