import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { mintToken, type TokenWish } from '../server/access/mint-token.ts'
import { type CorecordServer, createServer, type ServerOptions } from '../server/server.ts'
import { MemoryStore } from './store/memory-store.ts'
import { defineRecord, text } from '../shared/index.ts'

export const secret = 'a secret of more than thirty-two characters'

export const Note = defineRecord('note', { fields: { title: text.line(), body: text.plain() } })

export function tokenFor(sub: string, wish: Partial<TokenWish> = {}): Promise<string> {
  return mintToken(secret, { sub, lifetimeSeconds: 3_600, ...wish }, Date.now)
}

/** A real server on a port of its own, over a store in memory, and all that it logged. */
export interface TestServer {
  readonly server: CorecordServer
  readonly folder: string
  readonly log: string[]
  fetch(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

export type TestOptions = Partial<ServerOptions> & { beforeStart?: (server: CorecordServer) => void }

export async function startServer({ beforeStart, ...options }: TestOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'corecord-operations-'))
  const log: string[] = []
  const end = (): Promise<void> => rm(folder, { recursive: true, force: true })
  let server: CorecordServer
  try {
    server = createServer({
      records: [Note],
      secret,
      port: 0,
      dataFolder: join(folder, 'data'),
      store: new MemoryStore(),
      logger: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
      version: '1.2.3',
      ...options,
    })
    beforeStart?.(server)
    await server.start()
  } catch (error) {
    await end()
    throw error
  }
  return {
    server,
    folder,
    log,
    fetch: (path, init) => fetch(new URL(path, server.url), init),
    async close() {
      await server.close()
      await end()
    },
  }
}
