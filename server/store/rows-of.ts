import type { RowPage, Store, StoredRow } from './store.ts'

/** The space in which stands by which function the rows of a type were made; of one that is not there all are made anew. */
export const ROWS_MADE_BY = '$rows'

/** All rows of a type, by their ids. Without `onDamaged` one that cannot be read is an error; with it, it is passed over. */
export async function* rowsOf(
  store: Pick<Store, 'readRows'>,
  type: string,
  onDamaged?: () => void,
): AsyncGenerator<StoredRow> {
  let after: string | undefined
  do {
    const asked = { limit: 200, ...(after === undefined ? {} : { after }) }
    const page: RowPage = await store.readRows(type, asked, onDamaged)
    yield* page.rows
    after = page.next ?? undefined
  } while (after !== undefined)
}
