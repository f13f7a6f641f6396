import { useCallback, useMemo } from 'react'
import { localId, Site } from '../../../shared/index.ts'
import type { Choice } from '../fields/search-select.tsx'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { refTo } from '../route/route.ts'

const allSites = { orderBy: ['name', 'asc'] } as const

export const useSiteChoices = (): readonly Choice[] => {
  const { rows } = useWholeList(Site, allSites)
  return useMemo(() => (rows ?? []).map(({ id, name }) => ({ value: refTo(Site, id), label: name })), [rows])
}

export const useSiteName = (): ((room: string | null) => string) => {
  const sites = useSiteChoices()
  const names = useMemo(() => new Map(sites.map(({ value, label }) => [value, label])), [sites])
  return useCallback(room => (room === null ? '' : (names.get(room) ?? localId(Site, room))), [names])
}
