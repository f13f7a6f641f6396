// What an application gives when it connects, and when it makes a record.

import { assertKnownNames } from '../shared/known-names.ts'
import { assertRecordTypes } from '../shared/record/assert-declaration.ts'
import type { RecordType } from '../shared/record/record-type.ts'
import { isObject } from '../shared/is-object.ts'
import type { DebugPrint } from './debug.ts'
import { type Surroundings, surroundingsHere } from './surroundings.ts'

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
export const assertConnectOptions = (options: ConnectOptions): void => {
  if (!isObject(options))
    throw new TypeError('connect is given its options: connect({ url, token, records })')
  assertNames('connect', options, Object.keys(KINDS))
  const { records, token, url } = options
  assertRecordTypes(records)
  if (typeof token !== 'function')
    throw new TypeError('token is a function that gives a JWT: it is asked again')
  if (url !== undefined && !isAddress(url))
    throw new TypeError(
      `«${String(url)}» is no address of a server: a text that begins with http:// or https://, without ? and #`,
    )
  for (const [name, kind] of Object.entries(KINDS)) {
    const given: unknown = Reflect.get(options, name)
    if (given !== undefined && kind !== null && !kind.is(given))
      throw new TypeError(`connect: ${name} is ${kind.sentence}`)
  }
  assertNames('connect: surroundings', options.surroundings ?? {}, Object.keys(surroundingsHere()))
}

export const assertNames = (whose: string, options: object, known: readonly string[]): void => {
  if (!isObject(options)) throw new TypeError(`${whose} takes an object: { ${known.join(', ')} }`)
  assertKnownNames(`${whose} has no option`, options, known)
}

interface Kind {
  readonly sentence: string
  is(value: unknown): boolean
}

const count: Kind = {
  sentence: 'a number above 0',
  is: value => typeof value === 'number' && value > 0,
}

/** Null: asked above. */
const KINDS: Readonly<Record<keyof ConnectOptions, Kind | null>> = {
  url: null,
  token: null,
  records: null,
  firstDelayMs: count,
  longestDelayMs: count,
  failuresBeforePolling: count,
  pollIntervalMs: count,
  storage: { sentence: '«device» or «memory»', is: value => value === 'device' || value === 'memory' },
  debug: {
    sentence: 'true, false or a function',
    is: value => typeof value === 'boolean' || typeof value === 'function',
  },
  surroundings: { sentence: 'an object', is: isObject },
}

const isAddress = (url: unknown): boolean =>
  typeof url === 'string' && /^https?:\/\/[^/?#]+(\/[^?#]*)?$/.test(url) && URL.canParse(url)
