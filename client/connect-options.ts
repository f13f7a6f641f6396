// What an application gives when it connects, and when it makes a record.

import { assertRecordTypes } from '../shared/record/assert-declaration.ts'
import type { RecordType } from '../shared/record/define-record.ts'
import type { DebugPrint } from './debug.ts'
import type { Surroundings } from './surroundings.ts'

export interface ConnectOptions {
  /** `https://host[:port]`; left out: where the page came from. Where there is no page, the desk rests. */
  readonly url?: string | undefined
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

/** TypeScript sees most of it, where there is one. What is wrong here would else wait for a server for ever. */
export const assertConnectOptions = ({ records, token, url }: ConnectOptions): void => {
  assertRecordTypes(records)
  if (typeof token !== 'function')
    throw new TypeError('token is a function that gives a JWT: it is asked again')
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
    throw new TypeError(`«${url}» is no address of a server: it begins with http:// or https://`)
}
