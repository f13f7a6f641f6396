import { useCallback, useMemo } from 'react'
import { Site } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'

const allSites = { orderBy: ['name', 'asc'], limit: 500 } as const

export const useSites = () => useList(Site, allSites).rows

export const useSiteName = (): ((room: string | null) => string) => {
  const rows = useSites()
  const names = useMemo(
    () => new Map((rows ?? []).map(row => [`site:${row.id.replace(/^site:/, '')}`, row.name])),
    [rows],
  )
  return useCallback(room => (room === null ? '' : (names.get(room) ?? room.replace(/^site:/, ''))), [names])
}
