// Every message in the console, for `connect({ debug: true })`, or in a page that is already out there for
// `localStorage.setItem('corecord.debug', '1')` and a reload. Tokens are left out.

import { CONTROL_CHANNEL, readLinkFrame } from '../shared/wire/link-frame.ts'
import { readChannelMessage } from '../shared/wire/sync-message.ts'
import type { SocketLike, Surroundings } from './surroundings.ts'
import { WrappedSocket } from './wrapped-socket.ts'
import { reasonOf } from '../shared/reason-of.ts'

export type DebugPrint = (line: string) => void

export const debugging = (
  surroundings: Surroundings,
  option: boolean | DebugPrint | undefined,
): Surroundings => {
  const print = printOf(option)
  if (print === null) return surroundings
  return {
    ...surroundings,
    createSocket(url, protocols) {
      try {
        return new LoudSocket(surroundings.createSocket(url, protocols), bare(url), print)
      } catch (error) {
        print(`✗ cannot connect to ${bare(url)}: ${reasonOf(error)}`)
        throw error
      }
    },
    async fetch(input, init) {
      print(`→ ${init?.method ?? 'GET'} ${bare(input)}`)
      const answer = await surroundings.fetch(input, init)
      print(`← ${answer.status} ${bare(input)}`)
      return answer
    },
  }
}

const printOf = (option: boolean | DebugPrint | undefined): DebugPrint | null => {
  if (typeof option === 'function') return option
  return (option ?? isDebugOn()) ? line => console.debug(`corecord ${line}`) : null
}

/** Whether the switch is on here. In some private modes even to read the property throws. */
export const isDebugOn = (): boolean => {
  try {
    return typeof localStorage !== 'undefined' && localStorage.getItem('corecord.debug') !== null
  } catch {
    return false
  }
}

/** Without the query, which may carry a token. */
const bare = (url: string): string => url.split('?')[0] ?? url

const describe = (bytes: Uint8Array): string => {
  const frame = readLinkFrame(bytes)
  if (frame === null) return `${bytes.length} bytes that are no frame`
  const { channel, payload } = frame
  if (channel === CONTROL_CHANNEL) {
    return new TextDecoder().decode(payload).replaceAll(/"token":"[^"]*"/g, '"token":"…"')
  }
  const { kind, ...content } = readChannelMessage(payload)
  const shown = Object.entries(content).map(([name, value]) =>
    value instanceof Uint8Array ? `${name} of ${value.length} bytes` : `${name} ${JSON.stringify(value)}`,
  )
  return `channel ${channel}: ${[kind, ...shown].join(', ')}`
}

class LoudSocket extends WrappedSocket {
  readonly #print: DebugPrint

  constructor(inner: SocketLike, url: string, print: DebugPrint) {
    super(inner)
    this.#print = print
    print(`… connecting to ${url}`)
    inner.onopen = event => {
      print(`✓ connected to ${url}`)
      this.onopen?.(event)
    }
    inner.onmessage = event => {
      print(`← ${event.data instanceof ArrayBuffer ? describe(new Uint8Array(event.data)) : 'text'}`)
      this.onmessage?.(event)
    }
    inner.onclose = event => {
      print(`✗ closed with ${event.code} ${event.reason}`.trimEnd())
      this.onclose?.(event)
    }
    inner.onerror = event => {
      print(`✗ cannot connect to ${url}`)
      this.onerror?.(event)
    }
  }

  override send(data: Uint8Array): void {
    this.#print(`→ ${describe(data)}`)
    super.send(data)
  }
}
