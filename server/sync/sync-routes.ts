import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  PUSH_PULL_TYPE,
  readSyncAsk,
  type RecordAnswer,
  type RecordAsk,
  writeSyncAnswer,
} from '../../shared/wire/push-pull.ts'
import { MESSAGE_SYNC, readChannelMessage } from '../../shared/wire/sync-message.ts'
import type { Limits } from '../access/limits.ts'
import type { TokenBucket } from '../access/token-bucket.ts'
import { knownFirst } from '../http/known-first.ts'
import { HttpProblem } from '../http/problem.ts'
import { createBuckets } from '../http/request-rate.ts'
import type { Door } from '../room/peer.ts'
import { PollPresence } from './poll-presence.ts'
import { answerAll } from './sync-requests.ts'

/** `/api/sync/push` and `/pull`: what a link carries, in requests, for who can have no socket. */
export interface SyncRoutesParts {
  readonly door: () => Door
  readonly limits: Limits
  readonly logger: { error(fields: object, message: string): void }
  readonly now: () => number
}

const unzipped = promisify(gunzip)

export function addSyncRoutes(app: FastifyInstance, parts: SyncRoutesParts): void {
  app.register(async sync => registerSyncRoutes(sync, parts), { prefix: '/api/sync' })
}

function registerSyncRoutes(sync: FastifyInstance, parts: SyncRoutesParts): void {
  const { limits, now } = parts
  const presence = new PollPresence(parts)
  const meter = createMeter(limits, now)
  sync.addHook('onRequest', knownFirst)
  sync.addHook('onClose', async () => presence.close())
  sync.addContentTypeParser(
    PUSH_PULL_TYPE,
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      request.headers['content-encoding'] === 'gzip' ? unzip(body, limits.messageBytes) : body,
  )

  for (const way of ['push', 'pull'] as const) {
    sync.post(`/${way}`, async (request, reply) => {
      const principal = await request.authenticate()
      const asks = readAsks(request.body, limits.recordsPerRequest)
      if (way === 'pull' && asks.some(({ messages }) => messages.some(isUpdate)))
        throw new HttpProblem('BAD_REQUEST', 'A pull changes nothing: send updates to /api/sync/push.')
      const waitMs = meter.waitMs(principal.id, asks)
      if (waitMs > 0) {
        reply.header('retry-after', String(Math.ceil(waitMs / 1000)))
        throw new HttpProblem('TOO_FAST')
      }
      const records = await answerAll(
        {
          ...parts,
          presence,
          answerBytesMax: limits.answerBytes,
          stateVectorEntriesMax: limits.stateVectorEntries,
        },
        principal,
        asks,
      )
      meter.answered(principal.id, records)
      reply.type(PUSH_PULL_TYPE).header('cache-control', 'no-store')
      return reply.send(Buffer.from(writeSyncAnswer({ time: now(), records })))
    })
  }
}

async function unzip(body: Buffer, bytesMax: number): Promise<Buffer> {
  try {
    return await unzipped(body, { maxOutputLength: bytesMax })
  } catch (error) {
    if (error instanceof RangeError) throw new HttpProblem('TOO_LARGE')
    throw new HttpProblem('MALFORMED', 'The body says it is gzip, and is not.')
  }
}

function readAsks(body: unknown, recordsMax: number): readonly RecordAsk[] {
  if (!(body instanceof Uint8Array))
    throw new HttpProblem('BAD_CONTENT_TYPE', `Send it as ${PUSH_PULL_TYPE}.`)
  const asks = readSyncAsk(body)
  if (asks === null) throw new HttpProblem('MALFORMED')
  if (asks.length > recordsMax)
    throw new HttpProblem('TOO_MANY', `Ask for at most ${recordsMax} records at once.`)
  return asks
}

function isUpdate(message: Uint8Array): boolean {
  return message[0] === MESSAGE_SYNC && message[1] !== 0
}

/** A socket is slowed and closed by the same limits. */
interface Meter {
  waitMs(userId: string, asks: readonly RecordAsk[]): number
  answered(userId: string, answers: readonly RecordAnswer[]): void
}

function createMeter(limits: Limits, now: () => number): Meter {
  const { updatesPerSecond, updateBurst, joinsPerSecond, refusalsPerMinute, recordsPerRequest } = limits
  const joinBurst = Math.max(joinsPerSecond, recordsPerRequest)
  const updatesOf = createBuckets(updatesPerSecond, now, updateBurst)
  const joinsOf = createBuckets(joinsPerSecond, now, joinBurst)
  const offencesOf = createBuckets(refusalsPerMinute / 60, now, refusalsPerMinute)
  return {
    waitMs(userId, asks) {
      const updates = asks.reduce((sum, { messages }) => sum + messages.filter(isUpdate).length, 0)
      const counted: [TokenBucket, number][] = [
        [updatesOf(userId), Math.min(updates, updateBurst)],
        [joinsOf(userId), asks.length],
      ]
      const waitMs = Math.max(offencesOf(userId).waitMs(), ...counted.map(([bucket, n]) => bucket.waitMs(n)))
      if (waitMs === 0) for (const [bucket, n] of counted) bucket.take(n)
      return waitMs
    },
    answered(userId, answers) {
      const offences = answers.reduce((sum, answer) => sum + offencesIn(answer), 0)
      if (offences > 0) offencesOf(userId).take(Math.min(offences, refusalsPerMinute))
    },
  }
}

/** What no honest client sends. */
const OFFENCES: ReadonlySet<string> = new Set(['MALFORMED', 'FORGED', 'NOT_OWNER', 'AUTHOR_MISMATCH'])

function offencesIn(answer: RecordAnswer): number {
  if (answer.kind === 'closed') return OFFENCES.has(answer.code) ? 1 : 0
  if (answer.kind === 'later') return 0
  return answer.messages.filter(bytes => {
    const message = readChannelMessage(bytes)
    return message.kind === 'refused' && OFFENCES.has(message.code)
  }).length
}
