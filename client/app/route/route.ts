// Where in the app the person is. Addresses are paths, so that a link can be sent, kept and opened off line.

import { useSyncExternalStore } from 'react'
import { localId, type RecordType } from '../../../shared/index.ts'

export interface Route {
  readonly path: string
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

const listeners = new Set<() => void>()
let current = read()

function read(): Route {
  const { pathname, search } = location
  return {
    path: pathname,
    parts: pathname
      .split('/')
      .filter(part => part !== '')
      .map(safelyDecoded),
    query: new URLSearchParams(search),
  }
}

/** An address may have been typed by hand. */
function safelyDecoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function changed(): void {
  current = read()
  for (const tell of [...listeners]) tell()
}

addEventListener('popstate', changed)

const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

export const useRoute = (): Route => useSyncExternalStore(subscribe, () => current)

export const navigate = (to: string, { replace = false } = {}): void => {
  if (to === location.pathname + location.search) return
  // The entry of a dialog that one goes on from is not come back to.
  if (replace || history.state !== null) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  changed()
  if (!replace) scrollTo(0, 0)
}

/** The address of a record's page, by its room: `ticket:7` → `/tickets/7`. */
export const pathOfRecord = (room: string): string | null => {
  const colon = room.indexOf(':')
  const folder = folders[room.slice(0, colon)]
  return folder === undefined ? null : `${folder}/${encodeURIComponent(room.slice(colon + 1))}`
}

/** What a `ref` to a record holds; its id is written with the type, or without. */
export const refTo = (type: RecordType, id: string): string => `${type.name}:${localId(type, id)}`

export const pathTo = (type: RecordType, id: string): string => pathOfRecord(refTo(type, id)) ?? '/'

const folders: { readonly [type: string]: string } = {
  ticket: '/tickets',
  site: '/tickets/sites',
  shipment: '/tickets/shipments',
  inventory: '/tickets/inventory',
  tech: '/tickets/technicians',
  estimate: '/sales/estimates',
  order: '/sales/orders',
  trebovanje: '/warehouse/trebovanja',
  project: '/construction/projects',
  bordereau: '/construction/bordereaux',
  periode: '/construction/periodes',
  metre: '/construction/metres',
  decompt: '/construction/decomptes',
  photo: '/construction/photos',
  pv: '/construction/pvs',
  attachment: '/construction/attachments',
  availability: '/scheduling/availability',
}
