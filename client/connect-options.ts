// What an application gives when it connects, and when it makes a record.

import type { RecordType } from '../shared/record/define-record.ts'
import type { DebugPrint } from './debug.ts'
import type { Surroundings } from './surroundings.ts'

export interface ConnectOptions {
  /** `https://host[:port]`; left out: where the page came from. */
  readonly url?: string
  /** A JWT. Asked at start, before it expires, and when the server refuses it. Off line an expired one will do. */
  readonly token: () => string | Promise<string>
  readonly records: readonly RecordType[]
  /** The wait before the first attempt to reconnect; it doubles up to the longest. */
  readonly firstDelayMs?: number
  readonly longestDelayMs?: number
  readonly failuresBeforePolling?: number
  readonly pollIntervalMs?: number
  /** memory: nothing is kept on this device. */
  readonly storage?: 'device' | 'memory'
  /** Prints every message, tokens left out; by default where localStorage has `corecord.debug`. */
  readonly debug?: boolean | DebugPrint
  readonly surroundings?: Partial<Surroundings>
}

export interface NewRecordOptions {
  readonly id?: string
  /** List entries that it has from the beginning. */
  readonly entries?: { readonly [list: string]: readonly { readonly [field: string]: unknown }[] }
}
