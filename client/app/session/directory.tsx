// What people are called. Records and histories name them by id.

import { createContext, type ReactNode, useCallback, useContext, useMemo } from 'react'
import { User } from '../../../shared/index.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { useDemoPeople, useSession } from './session.ts'

export interface DirectoryEntry {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
}

const Directory = createContext<ReadonlyMap<string, DirectoryEntry>>(new Map())

/** Everybody may read who works here. */
const everybody = { orderBy: ['name'] } as const

export const DirectoryProvider = ({ children }: { readonly children: ReactNode }) => {
  const { rows } = useWholeList(User, everybody)
  const demo = useDemoPeople()
  const session = useSession()
  const me = session.state === 'open' ? session.person : null
  const entries = useMemo(() => {
    const known = new Map<string, DirectoryEntry>()
    for (const { id, name, roles } of demo) known.set(id, { id, name, roles })
    for (const row of rows ?? []) {
      const id = row.id.replace(/^user:/, '')
      known.set(id, { id, name: row.name, roles: row.roles })
    }
    if (me !== null && !known.has(me.id)) known.set(me.id, me)
    return known
  }, [rows, demo, me])
  return <Directory value={entries}>{children}</Directory>
}

export const useDirectory = (): ReadonlyMap<string, DirectoryEntry> => useContext(Directory)

export const useNameOf = (): ((id: string | null | undefined) => string) => {
  const entries = useDirectory()
  return useCallback(
    id => {
      if (id == null || id === '') return ''
      if (id === '$server') return 'corecord'
      return entries.get(id)?.name ?? id
    },
    [entries],
  )
}

export const usePeopleWithRole = (...roles: readonly string[]): readonly DirectoryEntry[] => {
  const entries = useDirectory()
  const wanted = roles.join(' ')
  return useMemo(
    () => [...entries.values()].filter(entry => entry.roles.some(role => wanted.split(' ').includes(role))),
    [entries, wanted],
  )
}
