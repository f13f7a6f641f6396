import { mkdir } from 'node:fs/promises'
import type { Logger } from 'pino'
import { LevelStore } from '../store/level-store.ts'
import { fillStore } from './fill-store.ts'

/** Before the server opens the data folder: fills it if nothing is in it. */
export async function prepareDemo(
  folder: string,
  size: number,
  now: () => number,
  logger: Pick<Logger, 'info'>,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const store = new LevelStore({ folder })
  await store.open()
  try {
    const began = now()
    const count = await fillStore(store, { size, now: began })
    if (count !== null)
      logger.info({ records: count, ms: now() - began }, 'the store was empty: filled with the demo')
  } finally {
    await store.close()
  }
}
