import type { Store, Value } from '../store/store.ts'

/** All values of a space, or of those whose keys begin so. */
export async function* valuesOf(
  store: Pick<Store, 'readValues'>,
  space: string,
  prefix?: string,
): AsyncGenerator<Value> {
  let after: string | undefined
  do {
    const { values, next } = await store.readValues(space, {
      limit: 500,
      ...(prefix === undefined ? {} : { prefix }),
      ...(after === undefined ? {} : { after }),
    })
    yield* values
    after = next ?? undefined
  } while (after !== undefined)
}
