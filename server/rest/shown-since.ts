import type { LiveCell } from '../../shared/record/cell.ts'
import { witnessedPath } from '../../shared/record/path.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Store } from '../store/store.ts'
import { ALL_SHOWN, NOTHING_SHOWN, type Shown } from './apply-patch.ts'
import type { Version } from './etag.ts'

/** What was written since a version that a reader names: everything else that stands there, the reader was shown. */
export interface Since {
  /** Null: it cannot be told any more. */
  readonly unseen: ReadonlySet<string> | null
  readonly basis: Version
  /** The commit up to which events were read. */
  readonly upTo: number
}

const PAGE = 200

/** A reader so far behind is shown the conflicts instead. */
const EVENTS_MAX = 5_000

/** What an event holds, as far as it is needed here. */
interface WrittenEvent {
  readonly by?: string
  readonly commit?: number
  readonly changes?: readonly { readonly path: string; readonly to: Value }[]
}

/** Reads the record's events back to the version. */
export async function readSince(
  store: Pick<Store, 'readRecordEvents'>,
  room: string,
  basis: Version,
  now: Version,
): Promise<Since> {
  const unseen = new Set<string>()
  const since = { unseen, basis, upTo: now.commit }
  if (basis.epoch !== now.epoch) return { ...since, unseen: null }
  if (basis.commit >= now.commit) return since
  let to: number | undefined
  for (let read = 0; read < EVENTS_MAX; ) {
    const page = await store.readRecordEvents(room, {
      reverse: true,
      limit: PAGE,
      ...(to === undefined ? {} : { to }),
    })
    for (const { json } of page.events) {
      // Written by this server, under the store's checksum.
      const event = JSON.parse(json) as WrittenEvent
      if ((event.commit ?? 0) <= basis.commit) return since
      for (const { path, to: value } of event.changes ?? []) unseen.add(nameOf(path, event.by ?? '', value))
    }
    read += page.events.length
    const oldest = page.events.at(-1)
    if (oldest === undefined || oldest.seq === 1)
      return page.folded.count === 0 ? since : { ...since, unseen: null }
    to = oldest.seq - 1
  }
  return { ...since, unseen: null }
}

/** What a patch that names this version was shown of the record as it stands at `now`. */
export function shownSince({ unseen, basis, upTo }: Since, now: Version): Shown {
  if (basis.epoch !== now.epoch) return NOTHING_SHOWN
  if (basis.commit === now.commit) return ALL_SHOWN
  // Committed between the look at the events and the write: it may be anything.
  if (unseen === null || now.commit !== upTo) return { ...NOTHING_SHOWN }
  return {
    isCurrent: false,
    wasShown: cell => !unseen.has(nameOfCell(cell)),
  }
}

const nameOfCell = ({ path, author, value }: LiveCell): string =>
  nameOf(witnessedPath(path) ?? path, author, value)

const nameOf = (path: string, by: string, value: Value): string => JSON.stringify([path, by, value])
