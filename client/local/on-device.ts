// How much lies on the device of one person, for whoever looks into it.

import type { LocalStore } from './local-store.ts'
import { unsavedByRoom } from './record-store.ts'

export interface OnDevice {
  readonly records: number
  /** Of those, with edits that the server has not saved. */
  readonly unsaved: number
  /** What the records take, without what the browser adds. */
  readonly recordBytes: number
  readonly lists: number
  readonly inTray: number
}

export const countOnDevice = async (store: LocalStore): Promise<OnDevice> => {
  const [records, unsaved, updates, lists, tray] = await Promise.all([
    store.list('records', []),
    unsavedByRoom(store),
    store.list('updates', []),
    store.list('lists', []),
    store.list('tray', []),
  ])
  let recordBytes = 0
  for (const { value } of updates) if (value instanceof Uint8Array) recordBytes += value.length
  return {
    records: records.length,
    unsaved: unsaved.size,
    recordBytes,
    // Pages of a list have longer keys than the list.
    lists: lists.filter(({ key }) => key.length === 1).length,
    inTray: tray.length,
  }
}
