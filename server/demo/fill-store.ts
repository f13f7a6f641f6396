// Fills an empty store with the demo: some hundred believable records, or any number. The same seed on the same day
// makes the same demo.

import { randomBytes } from 'node:crypto'
import { demoPeople } from '../access/demo-people.ts'
import { seriesPuts } from '../action/number-series.ts'
import { rowsMadeBy } from '../list/rebuild-rows.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { createRandom } from '../simulate/random.ts'
import type { Change, Store, ValuePut } from '../store/store.ts'
import type { Album } from './album.ts'
import { makeConstruction } from './construction.ts'
import { createDemoClock } from './demo-clock.ts'
import type { DemoRecords, DemoScene } from './demo-scene.ts'
import { makePeople } from './people.ts'
import { makeSales, type SalesNumbers } from './sales.ts'
import { makeScheduling } from './scheduling.ts'
import { makeFieldService } from './tickets.ts'
import { makeWarehouse } from './warehouse.ts'

export interface FillOptions {
  /** About so many records. */
  readonly size: number
  readonly now: number
  /** What photos and attachments refer to; without it there are none. */
  readonly album?: Album
}

/** Each demo is the same. */
const SEED = 7

/** So many records a commit: a batch of some megabytes. */
const BATCH = 500

/** When the demo was made. */
export const MADE = { space: '$demo', key: 'made' } as const

/** Null where there was something already: a demo never writes over what people have. */
export async function fillStore(
  store: Pick<Store, 'commit' | 'readHeads'>,
  { size, now, album }: FillOptions,
): Promise<number | null> {
  const { heads } = await store.readHeads({ limit: 1 })
  if (heads.length > 0) return null
  const random = createRandom(SEED)
  const names = new Map(demoPeople.map(({ id, name }) => [id, name]))
  const scene: DemoScene = {
    random,
    clock: createDemoClock(now, random),
    nameOf: user => names.get(user) ?? user,
    size,
    album: album ?? null,
  }
  const numbers: SalesNumbers = { estimate: 0, order: 0 }
  const counts = new Map<string, number>()
  const types = new Set<RecordType>()
  let batch: Change[] = []
  let made = 0
  const write = async (): Promise<void> => {
    if (batch.length > 0) await store.commit(batch)
    made += batch.length
    batch = []
  }
  for (const record of everything(scene, numbers)) {
    types.add(record.type)
    counts.set(record.type.name, (counts.get(record.type.name) ?? 0) + 1)
    const room = record.change(randomBytes(12).toString('base64url'))
    batch.push({ rooms: [room], values: record.references })
    if (batch.length >= BATCH) {
      await write()
      // Others share this process: a stop signal, a health check.
      await new Promise<void>(resolve => setImmediate(resolve))
    }
  }
  const note = { ...MADE, value: String(now) }
  const series = seriesValues({ ...numbers, ticket: counts.get('ticket') ?? 0 })
  batch.push({ rooms: [], values: [...series, ...[...types].map(rowsMadeBy), ...(album?.notes ?? []), note] })
  await write()
  return made - 1
}

function* everything(scene: DemoScene, numbers: SalesNumbers): DemoRecords {
  yield* makePeople(scene)
  yield* makeFieldService(scene)
  yield* makeSales(scene, numbers)
  yield* makeWarehouse(scene)
  yield* makeConstruction(scene)
  yield* makeScheduling(scene)
}

const seriesValues = (last: { readonly [series: string]: number }): readonly ValuePut[] =>
  Object.entries(last).flatMap(([series, number]) => seriesPuts(series, number))
