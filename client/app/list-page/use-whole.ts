import { useEffect } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import type { UsedList } from '../../react/index.ts'

/** As many rows as are asked for at a time. */
export const PIECE = 1_000

/**
 * A list that is right only when it is whole, as one that is summed up, or that names are looked up in: whatever it
 * did not come with follows by itself.
 */
export const useWhole = <T extends RecordType>(list: UsedList<T>): UsedList<T> => {
  const { hasMore, more, state } = list
  const count = list.rows?.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece that has come is followed by the next.
  useEffect(() => {
    if (hasMore) more()
  }, [hasMore, more, state, count])
  return list
}
