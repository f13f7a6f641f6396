import { useEffect, useRef } from 'react'
import { Estimate, type RowOf } from '../../../shared/index.ts'
import { useDesk, useList } from '../../react/index.ts'

type EstimateRow = RowOf<typeof Estimate>

const latest = { where: { isConverted: true }, orderBy: ['updated', 'desc'], limit: 10 } as const

/** Tells of each estimate that becomes an order from now on, whoever converted it and whatever page is open. */
export const useConversions = (tell: (estimate: EstimateRow) => void): void => {
  const desk = useDesk()
  const { rows } = useList(Estimate, latest)
  const since = useRef<number | null>(null)
  const told = useRef(new Set<string>())
  const latestTell = useRef(tell)
  latestTell.current = tell
  useEffect(() => {
    if (rows === undefined) return
    since.current ??= desk.clock.now()
    for (const row of rows) {
      if (told.current.has(row.id)) continue
      told.current.add(row.id)
      // What was converted before is no news.
      if (row.updated !== null && row.updated >= since.current) latestTell.current(row)
    }
  }, [desk, rows])
}
