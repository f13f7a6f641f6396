// What our own scenarios use of the load generator, which is started in its folder and is no part of the repository.

import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface LoadServer {
  start(how?: { clean: boolean }): Promise<void>
  stop(): Promise<void>
  /** Until it rests. */
  idle(ms?: number): Promise<void>
  /** Seconds of CPU since it was started. */
  cpu(): number
}

export interface Scene {
  readonly dialect: string
  readonly url: string
  readonly server: LoadServer
  readonly p: { readonly [setting: string]: number }
}

type OnBytes = (buffer: Buffer, start: number, end: number) => void

export interface SocketClient {
  readonly sock: { cork(): void; uncork(): void }
  send(framed: Buffer): void
  close(): void
  closeClean(): void
}

export interface SyncClient {
  readonly ready: Promise<unknown>
  readonly ws: SocketClient
  /** A round trip: what was sent before it has been taken in. */
  barrier(): Promise<unknown>
  close(): void
  closeClean(): void
}

interface SyncClientOptions {
  readonly dialect: string
  readonly url: string
  readonly room: string
  readonly onSync?: OnBytes
  readonly onUpdate?: OnBytes
  readonly onClose?: () => void
}

export interface Generator {
  readonly Client: new (options: SyncClientOptions) => SyncClient
  readonly encUpdate: (dialect: string, room: string, update: Uint8Array) => Buffer
  readonly WsClient: new (
    url: string,
    handler: { onopen(): void; onmessage: OnBytes; onclose(reason: string): void },
  ) => SocketClient
  readonly frame: (payload: Uint8Array) => Buffer
  /** Calls back for each marker in the bytes, with its number. */
  readonly scan: (
    buffer: Buffer,
    start: number,
    end: number,
    tell: (sender: number, n: number) => void,
  ) => void
  readonly marker: (sender: string, n: number) => string
}

/** Scenarios run in the generator's process, whose folder it works in. */
export const loadGenerator = async (): Promise<Generator> => {
  const load = (file: string): Promise<object> => import(pathToFileURL(resolve(join('lib', file))).href)
  const parts = await Promise.all(['client.mjs', 'wsclient.mjs', 'util.mjs'].map(load))
  // Its files have no types; what is used of them is written down above.
  return Object.assign({}, ...parts) as Generator
}

export const sleep = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))
