import { useCallback, useMemo } from 'react'
import { Site } from '../../../shared/index.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'

const allSites = { orderBy: ['name', 'asc'] } as const

export const useSites = () => useWholeList(Site, allSites).rows

export const useSiteName = (): ((room: string | null) => string) => {
  const rows = useSites()
  const names = useMemo(
    () => new Map((rows ?? []).map(row => [`site:${row.id.replace(/^site:/, '')}`, row.name])),
    [rows],
  )
  return useCallback(room => (room === null ? '' : (names.get(room) ?? room.replace(/^site:/, ''))), [names])
}
