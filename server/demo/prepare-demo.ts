import type { Logger } from 'pino'
import { createBlobFiles } from '../blob/blob-files.ts'
import { makeDataFolder } from '../make-folder.ts'
import { LevelStore } from '../store/level-store.ts'
import { makeAlbum } from './album.ts'
import { DAY_MS, isoDate } from './demo-clock.ts'
import { fillStore, MADE } from './fill-store.ts'

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
    if (heads.length > 0) {
      const made = await store.readValue(MADE.space, MADE.key)
      const days = made === null ? 0 : dayNumber(began) - dayNumber(Number(made))
      // Nobody's records are given other dates behind their back.
      if (days > 0) {
        logger.info(
          { days, folder },
          'the demo was begun on an earlier day: what was due then is late; for one of today, start with --data and a new folder',
        )
      }
      return
    }
    const album = await makeAlbum(createBlobFiles(folder), began)
    const count = await fillStore(store, { size, now: began, album })
    if (count !== null)
      logger.info({ records: count, ms: now() - began }, 'the store was empty: filled with the demo')
  } finally {
    await store.close()
  }
}

const dayNumber = (at: number): number => Date.parse(isoDate(at)) / DAY_MS
