// What one worker has to take from the shelves of one trebovanje, in the order of the walk.

import type { PickedItem, Trebovanje, ViewOf } from '../../../shared/index.ts'

export interface ItemToPick extends PickedItem {
  readonly place: string
}

export type Standing = 'mine' | 'not mine yet' | 'not mine any more' | 'cancelled' | 'done'

export const itemsToPick = (
  view: ViewOf<typeof Trebovanje>,
  me: string,
): { readonly items: readonly ItemToPick[]; readonly standing: Standing } => {
  const held = view.tasks.filter(({ worker, state }) => worker === me && state !== 'cancelled')
  const wanted = held.length === 0 ? null : new Set(held.flatMap(({ items }) => items))
  const places = new Map(view.items.map(({ id, place }) => [id, place ?? '']))
  const items = view.picked
    .filter(({ id }) => wanted === null || wanted.has(id))
    .map(item => ({ ...item, place: places.get(item.id) ?? '' }))
    .sort((a, b) => a.place.localeCompare(b.place, undefined, { numeric: true }))
  return { items, standing: standingOf(view, me, held.length > 0) }
}

const standingOf = (view: ViewOf<typeof Trebovanje>, me: string, isHeld: boolean): Standing => {
  if (view.cancelled) return 'cancelled'
  if (view.closedAt !== null) return 'done'
  if (isHeld) return 'mine'
  return view.scans.some(({ by }) => by === me) ? 'not mine any more' : 'not mine yet'
}

export interface FoundItem {
  readonly item: ItemToPick
  readonly quantity: number
  readonly code: string
}

/** `5*4711` is five of 4711. Of items with one code, the first that still needs some. */
export const findItem = (items: readonly ItemToPick[], typed: string): FoundItem | null => {
  const [, times, bare = ''] = /^(?:(\d{1,4})\s*[*xX]\s*)?(.*)$/.exec(typed.trim()) ?? []
  const code = bare.trim()
  const matching = items.filter(({ sku }) => sku.toLowerCase() === code.toLowerCase())
  const item = matching.find(({ state }) => state !== 'complete') ?? matching[0]
  if (item !== undefined) return { item, quantity: times === undefined ? 1 : Number(times), code }
  // A code may itself begin as a number of pieces does.
  return times === undefined ? null : findExactly(items, typed.trim())
}

const findExactly = (items: readonly ItemToPick[], code: string): FoundItem | null => {
  const item = items.find(({ sku }) => sku.toLowerCase() === code.toLowerCase())
  return item === undefined ? null : { item, quantity: 1, code }
}
