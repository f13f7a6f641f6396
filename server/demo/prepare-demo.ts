import type { Logger } from 'pino'
import { createBlobFiles } from '../blob/blob-files.ts'
import { makeDataFolder } from '../make-folder.ts'
import { LevelStore } from '../store/level-store.ts'
import { makeAlbum } from './album.ts'
import { fillStore } from './fill-store.ts'

/** Before the server opens the data folder: fills it if nothing is in it. */
export async function prepareDemo(
  folder: string,
  size: number,
  now: () => number,
  logger: Pick<Logger, 'info'>,
): Promise<void> {
  makeDataFolder(folder)
  const store = new LevelStore({ folder })
  await store.open()
  try {
    const began = now()
    const { heads } = await store.readHeads({ limit: 1 })
    if (heads.length > 0) return
    const album = await makeAlbum(createBlobFiles(folder), began)
    const count = await fillStore(store, { size, now: began, album })
    if (count !== null)
      logger.info({ records: count, ms: now() - began }, 'the store was empty: filled with the demo')
  } finally {
    await store.close()
  }
}
