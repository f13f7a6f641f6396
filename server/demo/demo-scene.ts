// What the makers of the demo's records share: chance, time, people, and where finished records go.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Random } from '../simulate/random.ts'
import type { Album } from './album.ts'
import type { DemoClock } from './demo-clock.ts'
import { PastRecord } from './past-record.ts'

export interface DemoScene {
  readonly random: Random
  readonly clock: DemoClock
  readonly nameOf: (user: string) => string
  /** How many records in all were asked for; each maker takes its share. */
  readonly size: number
  /** Null where there is no folder for files: then nobody has taken photos. */
  readonly album: Album | null
}

/** Records one after the other, so that any size needs the memory of one. */
export type DemoRecords = Generator<PastRecord>

export const past = <T extends RecordType>(scene: DemoScene, type: T, id: string): PastRecord<T> =>
  new PastRecord(type, id, scene)

/** At least one, and in proportion to the size. */
export const share = ({ size }: DemoScene, part: number): number => Math.max(1, Math.round(size * part))

/** «0042»: ids that sort as they were made. */
export const padded = (n: number): string => String(n).padStart(4, '0')

/** A few different ones. */
export const some = <V>(random: Random, items: readonly V[], count: number): V[] => {
  const left = [...items]
  const chosen: V[] = []
  while (chosen.length < count && left.length > 0) {
    const [item] = left.splice(random.below(left.length), 1)
    if (item !== undefined) chosen.push(item)
  }
  return chosen
}
