import { useState } from 'react'
import { ofDevice } from '../session/kept.ts'
import { everything, type TicketFilter } from './ticket-filter.ts'

interface SavedFilter {
  readonly name: string
  readonly filter: TicketFilter
}

/** Kept on this device, for each person who uses it. */
export const useSavedFilters = (person: string) => {
  const key = `corecord filters ${person}`
  const [saved, setSaved] = useState(() => read(key))
  const write = (next: readonly SavedFilter[]): void => {
    setSaved(next)
    ofDevice.write(key, JSON.stringify(next))
  }
  return {
    saved,
    save: (name: string, filter: TicketFilter) =>
      write([...saved.filter(each => each.name !== name), { name, filter }]),
    remove: (name: string) => write(saved.filter(each => each.name !== name)),
  }
}

const read = (key: string): readonly SavedFilter[] => {
  try {
    const kept: unknown = JSON.parse(ofDevice.read(key) ?? '[]')
    return Array.isArray(kept) ? kept.flatMap(parse) : []
  } catch {
    return []
  }
}

const parse = (value: unknown): SavedFilter[] => {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('filter' in value)) return []
  const { name, filter } = value
  if (typeof name !== 'string' || typeof filter !== 'object' || filter === null) return []
  // What an older version did not know has its default; what it knew otherwise matches nothing, and is seen.
  return [{ name, filter: { ...everything, ...filter } }]
}
