// What of an old generation is put back on a new one, and what goes to the tray.

import * as Y from 'yjs'
import type { Stamp } from '../../shared/record/clock.ts'
import { CREATED } from '../../shared/record/path.ts'
import { collectUnsent, type PutBack, putBack, type Unsent } from '../../shared/record/rebase.ts'
import { lastOf } from '../../shared/record/view.ts'
import type { Refused } from '../../shared/wire/sync-message.ts'
import type { RecordHead } from '../local/record-store.ts'
import type { Edit } from './edit-ledger.ts'
import type { Replica } from './replica.ts'
import type { TrayContent } from './tray.ts'

export interface Refusal {
  readonly refused: Refused
  /** The edits that the refused message carried, as far as that is known. */
  readonly edits: readonly Edit[]
}

export interface Sorted {
  readonly back: Unsent
  readonly toTray: readonly { readonly contents: readonly TrayContent[]; readonly refusal: Refused }[]
}

/**
 * For each of my client ids, the first clock that need not be put back: because the server holds what is before,
 * or because another tab has dealt with it.
 */
export const heldClocks = (
  old: Replica,
  next: Replica,
  known: {
    readonly handled: RecordHead['handled']
    readonly held: readonly (readonly [client: number, clock: number])[]
  },
): Map<number, number> => {
  const isSameEpoch = old.head.epoch === next.head.epoch
  const handled = new Map(known.handled)
  const told = new Map(known.held)
  const held = new Map<number, number>()
  for (const client of old.ownClients) {
    // Of another epoch only the server's memory tells; where it tells nothing, what was acknowledged counts.
    const byServer = isSameEpoch
      ? Y.getState(next.doc.store, client)
      : (told.get(client) ?? old.firstUnsaved(client))
    held.set(client, Math.max(byServer, handled.get(client) ?? 0))
  }
  return held
}

/** `next` has what the server holds; null where nothing is asked of it any more. */
export const collectFrom = (
  old: Replica,
  next: Replica | null,
  held: ReadonlyMap<number, number>,
): Unsent => {
  const journal = old.wholeJournal
  const unsent = collectUnsent(old.record.type, old.doc, held, journal)
  const cells = unsent.cells.map(cell => {
    if (cell.difference === undefined || next === null || journal.entry(cell.path)?.totals !== undefined)
      return cell
    // A share that was saved once and is gone from a restored server: what stands there still is what it had.
    const there = lastOf(next.record.index.at(cell.path))?.value ?? 0
    return { ...cell, difference: Number(cell.value) - Number(there) }
  })
  // A text that was deleted from leaves no cell; whether it is unsaved, the ledger knows.
  const isUnsaved = (field: string): boolean => old.ledger.edits.some(({ paths }) => paths.has(field))
  return { cells, texts: unsent.texts.filter(({ field }) => isUnsaved(field)) }
}

/** Takes out what was refused. Something always is, so that a server that goes on refusing comes to an end. */
export const sortOut = (unsent: Unsent, refusals: readonly Refusal[]): Sorted => {
  let back = unsent
  const toTray: { contents: readonly TrayContent[]; refusal: Refused }[] = []
  for (const { refused, edits } of refusals) {
    if (MADE_GOOD_BY_ITSELF.has(refused.code)) continue
    const named = refused.paths.includes(CREATED) ? [''] : refused.paths
    const carried = edits.flatMap(({ paths }) => [...paths])
    const taken = [named, carried, ['']]
      .map(paths => take(back, paths))
      .find(({ contents }) => contents.length > 0)
    if (taken === undefined) continue
    back = taken.rest
    toTray.push({ contents: taken.contents, refusal: refused })
  }
  return { back, toTray }
}

/** Codes upon which the same edits, under a new client id and with right stamps, are taken. */
const MADE_GOOD_BY_ITSELF: ReadonlySet<string> = new Set([
  'CLOCK_AHEAD',
  'CLIENT_ID_SPENT',
  'EPOCH_CHANGED',
  'NOT_OWNER',
  'PENDING',
])

const take = (unsent: Unsent, paths: readonly string[]): { contents: TrayContent[]; rest: Unsent } => {
  const isMeant = (path: string): boolean =>
    paths.some(named => named === '' || path === named || path.startsWith(`${named}/`))
  return {
    contents: [
      ...unsent.cells.filter(({ path }) => isMeant(path)).map(cell => ({ cell })),
      ...unsent.texts.filter(({ field }) => isMeant(field)).map(text => ({ text })),
    ],
    rest: {
      cells: unsent.cells.filter(({ path }) => !isMeant(path)),
      texts: unsent.texts.filter(({ field }) => !isMeant(field)),
    },
  }
}

/** Puts edits back on a replica, whose journal then knows of them what the old one knew. */
export const putBackOn = (replica: Replica, unsent: Unsent, stampMax: Stamp | null): PutBack => {
  const done = putBack(replica.record, unsent, stampMax === null ? {} : { stampMax })
  replica.journal.note(done.written)
  return done
}

export const handledAfter = (old: Replica, before: RecordHead['handled']): RecordHead['handled'] => {
  const handled = new Map(before)
  for (const client of old.ownClients) handled.set(client, Y.getState(old.doc.store, client))
  return [...handled]
}
