import { useEffect } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import type { ListQuery } from '../../index.ts'
import { type UsedList, useList } from '../../react/index.ts'

/** As many rows as are asked for at a time. */
export const PIECE = 1_000

type Asked<T extends RecordType, Q extends ListQuery> = NonNullable<Parameters<typeof useList<T, Q>>[1]>

/**
 * A list that is right only when it is whole, as one that is summed up, or that names are looked up in: whatever it
 * did not come with follows by itself.
 */
export const useWholeList = <T extends RecordType, const Q extends ListQuery>(
  type: T,
  asked: Asked<T, Q> | null,
): UsedList<T> => {
  const query: ListQuery | null = asked
  // Checked where it is asked for; only the size of a piece is added.
  const list = useList<T, Q>(type, query === null ? null : ({ ...query, limit: PIECE } as Asked<T, Q>))
  const { hasMore, more, state } = list
  const count = list.rows?.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece that has come is followed by the next.
  useEffect(() => {
    if (hasMore) more()
  }, [hasMore, more, state, count])
  return list
}
