import type { Row } from '../../shared/record/filter.ts'
import type { Store } from '../store/store.ts'
import type { Rooms } from './rooms.ts'

export interface RowSources {
  readonly store: Pick<Store, 'readRow' | 'readHead'>
  readonly rooms: () => Pick<Rooms, 'get' | 'open'>
}

/** The row of a record as it stands, of a removed one too; null: there is no such record. */
export const readRow = async (sources: RowSources, name: string): Promise<Row | null> => {
  const room = sources.rooms().get(name)
  if (room?.head == null) return readStoredRow(sources, name)
  return room.head.state === 'purged' ? null : room.row
}

/** The same of a record that is not in memory. */
export const readStoredRow = async ({ store, rooms }: RowSources, name: string): Promise<Row | null> => {
  const colon = name.indexOf(':')
  const json = await store.readRow(name.slice(0, colon), name.slice(colon + 1))
  // Written by the publisher, under the store's checksum.
  if (json !== null) return JSON.parse(json) as Row
  const head = await store.readHead(name)
  // A removed record stands on no list.
  return head === null || head.state === 'purged' ? null : (await rooms().open(name)).row
}
