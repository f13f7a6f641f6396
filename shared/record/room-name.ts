// How a record is called among rooms: its type, a colon, its id.

import { noRecordType } from './no-record-type.ts'
import { UNFIT_IN_NAME } from './path.ts'

/** `ticket:1` → its type and id; null when the name is not of that form. Ids may hold colons, types may not. */
export const parseRoomName = (room: string): { readonly type: string; readonly id: string } | null => {
  const colon = room.indexOf(':')
  if (colon < 1 || colon === room.length - 1 || room.length > 256) return null
  if (room.includes('~') || UNFIT_IN_NAME.test(room)) return null
  const id = room.slice(colon + 1)
  // Each program that reads an address takes these for steps in it, percent-encoded too: nothing would lead to them.
  return id === '.' || id === '..' ? null : { type: room.slice(0, colon), id }
}

/**
 * The id behind the colon, by which systems that know no room names call a record, and `open` and the hooks take it.
 * Of a `ref` that is empty, or of a view that is not there yet, null.
 */
export function localId(type: string | { readonly name: string }, id: string): string
export function localId(
  type: string | { readonly name: string },
  id: string | null | undefined,
): string | null
export function localId(
  type: string | { readonly name: string },
  id: string | null | undefined,
): string | null {
  const name = typeof type === 'string' ? type : type?.name
  if (typeof name !== 'string') throw noRecordType(type)
  const start = `${name}:`
  return id?.startsWith(start) === true ? id.slice(start.length) : (id ?? null)
}
