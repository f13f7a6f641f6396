// What the indicator says, in one table. The first line that holds counts.
//
//     error      a person has to do something: sign in again, free space, reload
//     offline    nothing carries anything: there is no socket, and polling fails or has not begun
//     syncing    something is on its way: edits are unsaved, or what is open is still being fetched
//     realtime   the socket is up, and everything here is saved and shown as it is
//     synced     polling carries it: everything was saved and current at the last poll
//     idle       nothing is open, and there is nothing to do

import type { FileCounts } from './files/files.ts'
import type { Link } from './link/link.ts'
import type { Trouble } from './record/live-record.ts'
import type { RecordOnDesk } from './record/record-on-desk.ts'

export type SyncState = 'idle' | 'syncing' | 'synced' | 'error' | 'offline' | 'realtime'
export type StorageState = 'device' | 'memory' | 'full' | 'denied' | 'stuck' | 'corrupt'

export interface DeskStatus {
  readonly sync: SyncState
  readonly carrier: 'socket' | 'polling' | null
  /** Edits that the server has not saved. */
  readonly pending: number
  /** Of those, how many would survive closing the page. */
  readonly onDevice: number
  /** In the tray. */
  readonly refused: number
  readonly files: FileCounts
  /**
   * Server time (ms) of which everything shown is known to be true, records and lists; null where nothing shown
   * has come from the server. What was made here, and what is not there, has no age.
   */
  readonly asOf: number | null
  readonly skewMs: number | null
  readonly storage: StorageState
  readonly nextAttemptAt: number | null
  readonly error: Trouble | null
}

interface StatusFacts {
  readonly carrier: 'socket' | 'polling' | null
  readonly open: number
  readonly fetching: number
  readonly pending: number
  readonly trouble: Trouble | null
}

const table: readonly (readonly [SyncState, (facts: StatusFacts) => boolean])[] = [
  ['error', ({ trouble }) => trouble !== null],
  ['offline', ({ carrier }) => carrier === null],
  ['syncing', ({ pending, fetching }) => pending > 0 || fetching > 0],
  ['idle', ({ open }) => open === 0],
  ['realtime', ({ carrier }) => carrier === 'socket'],
  ['synced', () => true],
]

const syncState = (facts: StatusFacts): SyncState => table.find(([, holds]) => holds(facts))?.[0] ?? 'idle'

export interface StatusParts {
  readonly records: Iterable<Pick<RecordOnDesk, 'replica' | 'state' | 'status' | 'heldOff'>>
  readonly lists: Iterable<{ readonly state: string; readonly asOf: number | null }>
  readonly link: Pick<Link, 'state' | 'carrier'>
  readonly storage: StorageState
  readonly refused: number
  readonly files: DeskStatus['files']
  readonly skewMs: number | null
  readonly trouble: Trouble | null
}

export const statusOf = ({
  records,
  lists,
  link,
  storage,
  refused,
  files,
  skewMs,
  trouble,
}: StatusParts): DeskStatus => {
  let open = 0
  let pending = 0
  let onDevice = 0
  let fetching = 0
  let asOf = Number.POSITIVE_INFINITY
  let error = isForAPerson(trouble) ? trouble : null
  for (const { replica, state, status, heldOff } of records) {
    open++
    pending += replica?.ledger.unsaved ?? 0
    onDevice += replica?.ledger.unsavedOnDevice ?? 0
    if (state === 'loading' || heldOff !== null) fetching++
    if (isForAPerson(heldOff)) error ??= heldOff
    asOf = Math.min(asOf, status.asOf ?? asOf)
  }
  for (const { state, asOf: listAsOf } of lists) {
    open++
    asOf = Math.min(asOf, listAsOf ?? asOf)
    if (state === 'loading') fetching++
  }
  const { carrier, state } = link
  const unsent = pending + files.queued + files.sending
  return {
    sync: syncState({ carrier, open, fetching, pending: unsent, trouble: error }),
    carrier,
    pending,
    onDevice,
    refused,
    files,
    asOf: asOf === Number.POSITIVE_INFINITY ? null : asOf,
    skewMs,
    storage,
    nextAttemptAt: state.kind === 'waiting' ? state.until : null,
    error,
  }
}

/** Of what ends a socket, or holds a record off, only what a person can do something about is an error; the rest passes. */
const isForAPerson = (trouble: Trouble | null): boolean => trouble !== null && FOR_A_PERSON.test(trouble.code)

const FOR_A_PERSON =
  /^TOKEN_|^(BAD_VERSION|BAD_REQUEST|FORBIDDEN|TOO_MANY_CHANNELS|TOO_MANY_ROOMS|STORE_DAMAGED)$/

export const NOTHING_YET: DeskStatus = {
  sync: 'offline',
  carrier: null,
  pending: 0,
  onDevice: 0,
  refused: 0,
  files: { queued: 0, sending: 0, failed: 0, onDevice: 0 },
  asOf: null,
  skewMs: null,
  storage: 'memory',
  nextAttemptAt: null,
  error: null,
}

export const isSameStatus = (a: DeskStatus, b: DeskStatus): boolean =>
  a.sync === b.sync &&
  a.carrier === b.carrier &&
  a.pending === b.pending &&
  a.onDevice === b.onDevice &&
  a.refused === b.refused &&
  a.asOf === b.asOf &&
  a.storage === b.storage &&
  a.nextAttemptAt === b.nextAttemptAt &&
  sameSkew(a.skewMs, b.skewMs) &&
  a.error?.code === b.error?.code &&
  a.error?.sentence === b.error?.sentence &&
  a.files.queued === b.files.queued &&
  a.files.sending === b.files.sending &&
  a.files.failed === b.files.failed &&
  a.files.onDevice === b.files.onDevice

/** A second more or less is the network's. */
const sameSkew = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) < 1_000
