import { useCallback, useMemo } from 'react'
import { Site } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { PIECE, useWhole } from '../list-page/use-whole.ts'

const allSites = { orderBy: ['name', 'asc'], limit: PIECE } as const

export const useSites = () => useWhole(useList(Site, allSites)).rows

export const useSiteName = (): ((room: string | null) => string) => {
  const rows = useSites()
  const names = useMemo(
    () => new Map((rows ?? []).map(row => [`site:${row.id.replace(/^site:/, '')}`, row.name])),
    [rows],
  )
  return useCallback(room => (room === null ? '' : (names.get(room) ?? room.replace(/^site:/, ''))), [names])
}
