import { Readable } from 'node:stream'
import type { Revocation } from '../access/revocations.ts'
import type { AdminLine } from '../http/admin.ts'
import type { ProblemBody } from '../http/problem.ts'
import type { RebuildReport } from '../list/rebuild-rows.ts'
import type { CompactionReport } from '../operate/compact-rooms.ts'
import type { ImportReport } from '../operate/import-rooms.ts'
import type { Inspection } from '../operate/inspect-room.ts'
import type { Operations } from '../operate/operations.ts'
import type { Finding } from '../store/store.ts'
import { CommandFailure, exitCodes, failure } from './exit-code.ts'
import { under } from './under.ts'

/** The operations of a running server, over its `/api/admin`. */
export interface RemoteServer {
  readonly url: string
  /** An admin's token, or the key from the data folder. */
  readonly key: string
}

export function createRemoteOperations(server: RemoteServer): Operations {
  const call = (path: string, init: RequestInit = {}) => callAdmin(server, path, init)
  return {
    async inspect(room) {
      const response = await call(`inspect?room=${encodeURIComponent(room)}`)
      if (response.status === 404) return null
      // Our own server's answer, of the version that the command line is of.
      return (await assertOk(response).then(ok => ok.json())) as Inspection
    },
    async *exportRooms({ format, type, includeRemoved }) {
      const query = new URLSearchParams({ format, removed: String(includeRemoved) })
      if (type !== undefined) query.set('type', type)
      yield* bodyOf(await assertOk(await call(`export?${query}`)))
    },
    async importRooms(source, onProgress) {
      const response = await call('import', {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: Readable.toWeb(Readable.from(source)),
        // Without it fetch refuses a body that it cannot send twice.
        duplex: 'half',
      } as RequestInit)
      return (await lastLine(response, progress => onProgress(roomsOf(progress)))) as ImportReport
    },
    async compact(onProgress) {
      const response = await call('compact', { method: 'POST' })
      return (await lastLine(response, progress => onProgress(roomsOf(progress)))) as CompactionReport
    },
    async reindex(types, onProgress) {
      const which = types === null ? '' : `?types=${encodeURIComponent(types.join(','))}`
      const response = await call(`reindex${which}`, { method: 'POST' })
      return (await lastLine(response, progress => onProgress(roomsOf(progress)))) as RebuildReport
    },
    async verify({ events }, onFinding) {
      const response = await call(`verify${events ? '?events=1' : ''}`, { method: 'POST' })
      await lastLine(response, progress => onFinding((progress as { finding: Finding }).finding))
    },
    async *backup() {
      yield* bodyOf(await assertOk(await call('backup')))
    },
    async revoke(which) {
      const response = await call('revoke', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(which),
      })
      return (await assertOk(response).then(ok => ok.json())) as Revocation
    },
    async close() {},
  }
}

/** A request to `/api/admin`, with whatever it answers. */
export async function callAdmin(server: RemoteServer, path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${server.key}`)
  try {
    return await fetch(under(server.url, `/api/admin/${path}`), { ...init, headers })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new CommandFailure(exitCodes.unreachable, `${server.url} does not answer: ${cause}.`)
  }
}

export async function assertOk(response: Response): Promise<Response> {
  if (response.ok) return response
  const problem: unknown = await response.json().catch(() => null)
  const { code, detail = response.statusText } = (
    typeof problem === 'object' && problem !== null ? problem : {}
  ) as Partial<ProblemBody>
  throw failure(
    code === undefined
      ? `Something between, and not the server, says no (${response.status}): ${detail}. See what «corecord doctor» says of it.`
      : `The server says no (${response.status}, ${code}): ${detail}`,
  )
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return
  try {
    yield* response.body
  } catch {
    throw cutShort()
  }
}

/** Reads lines of progress to the report at their end. */
async function lastLine(response: Response, onProgress: (progress: unknown) => void): Promise<unknown> {
  const decoder = new TextDecoder()
  let waiting = ''
  for await (const chunk of bodyOf(await assertOk(response))) {
    const lines = (waiting + decoder.decode(chunk, { stream: true })).split('\n')
    waiting = lines.pop() ?? ''
    for (const text of lines) {
      if (text === '') continue
      // A line that our own server wrote.
      const line = JSON.parse(text) as AdminLine
      if ('report' in line) return line.report
      if ('error' in line) throw failure(line.error.sentence)
      onProgress(line.progress)
    }
  }
  throw cutShort()
}

function roomsOf(progress: unknown): number {
  return typeof progress === 'object' && progress !== null && 'rooms' in progress ? Number(progress.rooms) : 0
}

const cutShort = (): CommandFailure =>
  failure('The answer was cut short: the server or the line to it ended, or the log of the server says why.')
