import type { Value } from '../../shared/record/value.ts'
import { unreachable } from '../../shared/unreachable.ts'
import type { Limits } from '../access/limits.ts'
import type { Principal } from '../access/principal.ts'
import type { Actions } from '../action/actions.ts'
import { requestKey } from '../action/action-request.ts'
import { refusalOf } from '../action/action-routes.ts'
import { ANSWER_WAIT_MS } from '../action/actions.ts'
import { actionsOnCreate } from '../action/request-on-create.ts'
import { HttpProblem } from '../http/problem.ts'
import { RoomRefusal } from '../room/peer.ts'
import type { Patch } from './apply-patch.ts'
import { etagOf, type Match, type Version } from './etag.ts'
import type { Idempotency, Outcome } from './idempotency.ts'
import { readRecord, typeOf } from './read-record.ts'
import type { ShownRecord } from './shown-record.ts'
import {
  createRecord,
  newRecordId,
  patchRecord,
  removeRecord,
  requestIdOf,
  restoreRecord,
  type WriteAsk,
  type WriteParts,
  type Written,
} from './write-records.ts'

/** One thing done to one record, asked for by itself or among many. */
export type Operation = OperationAsk & {
  readonly ifMatch: Match | null
  readonly basis: Version | null
  readonly idempotencyKey: string | null
}

export type OperationAsk =
  | { readonly op: 'read' | 'remove'; readonly type: string; readonly id: string }
  | {
      readonly op: 'create'
      readonly type: string
      readonly id: string | null
      readonly values: Patch
      /** Where a record of this id was purged, another is begun under it. */
      readonly again: boolean
    }
  | { readonly op: 'patch'; readonly type: string; readonly id: string; readonly patch: Patch }
  | { readonly op: 'restore'; readonly type: string; readonly id: string; readonly path: string }
  | {
      readonly op: 'act'
      readonly type: string
      readonly id: string
      readonly action: string
      readonly args: { readonly [name: string]: Value }
      readonly request: string
    }

export interface OperationParts extends WriteParts {
  readonly actions: () => Pick<Actions, 'act' | 'answered'>
  readonly idempotency: Idempotency
  readonly limits: Pick<Limits, 'requestBytes' | 'operationsPerRequest'>
}

/** Throws HttpProblem, RecordError or RoomRefusal. */
export async function perform(
  parts: OperationParts,
  principal: Principal,
  operation: Operation,
): Promise<Outcome> {
  const { type, op, ifMatch, basis, idempotencyKey: key } = operation
  const id = operation.id ?? newRecordId(key, principal.id)
  const room = `${type}:${id}`
  const recordType = typeOf(parts.types, room)
  const ask = { principal, room, ...operation, writing() {} }
  if (op === 'read') return performOnce(parts, operation, ask)
  const requests = (): string[] =>
    actionsOnCreate(recordType).map(name => requestKey(room, requestIdOf(ask, name)))
  return parts.idempotency.once({
    userId: principal.id,
    room,
    key,
    asks: { ...operation, ifMatch, basis },
    run: writing => performOnce(parts, operation, { ...ask, writing }),
    standing: async () => {
      if (op === 'create') await parts.actions().answered(requests(), waited())
      const { headers, body } = await shownAfter(parts, principal, room, null)
      return { status: op === 'create' ? 201 : 200, headers, body }
    },
    again: answered => toldAgain(parts, principal, room, answered),
  })
}

async function toldAgain(
  parts: WriteParts,
  principal: Principal,
  room: string,
  answered: Outcome,
): Promise<Outcome> {
  const { status, headers, body } = answered
  if (!isShown(body)) return answered
  const now = await shownAfter(parts, principal, room, { ...body, isChanged: true })
  return isShown(now.body) ? answered : { status, headers: { ...headers, ...now.headers }, body: now.body }
}

const waited = (): AbortSignal => AbortSignal.timeout(ANSWER_WAIT_MS)

async function performOnce(parts: OperationParts, operation: Operation, ask: WriteAsk): Promise<Outcome> {
  const { principal, room } = ask
  switch (operation.op) {
    case 'read':
      return shown(200, await readRecord(parts, principal, room))
    case 'create': {
      const { again } = operation
      const written = await createRecord(parts, ask, operation.values, { again }).catch(sayHowToBeginAgain)
      await parts.actions().answered(written.requests, waited())
      const { body, headers } = await shownAfter(parts, principal, room, written)
      const id = encodeURIComponent(room.slice(room.indexOf(':') + 1))
      const location = `/api/records/${operation.type}/${id}`
      return { status: 201, headers: { ...headers, location }, body }
    }
    case 'patch':
      return shownAfter(parts, principal, room, await patchRecord(parts, ask, operation.patch))
    case 'remove':
      return shownAfter(parts, principal, room, await removeRecord(parts, ask))
    case 'restore':
      return shownAfter(parts, principal, room, await restoreRecord(parts, ask, operation.path))
    case 'act':
      return act(parts, principal, room, operation)
    default:
      return unreachable(operation)
  }
}

function sayHowToBeginAgain(error: unknown): never {
  if (!(error instanceof RoomRefusal) || error.code !== 'PURGED') throw error
  const sentence = 'A record of this id was deleted for good. To begin another under it, say again=true.'
  throw new HttpProblem('PURGED', sentence, ['id'])
}

async function act(
  { actions }: OperationParts,
  principal: Principal,
  room: string,
  { action: name, args, request: id }: Extract<Operation, { op: 'act' }>,
): Promise<Outcome> {
  const answer = await actions().act(room, principal, { name, args, id }, waited())
  if (answer.state === 'requested') return { status: 202, headers: {}, body: { id, state: 'requested' } }
  const { result } = answer
  if (!result.ok) throw refusalOf(id, result)
  return { status: 200, headers: {}, body: { id, state: 'accepted', result: result.result } }
}

/** Who wrote it may have written it out of their own sight. */
async function shownAfter(
  parts: WriteParts,
  principal: Principal,
  room: string,
  written: Written | null,
): Promise<Outcome> {
  try {
    return shown(200, await readRecord(parts, principal, room))
  } catch (error) {
    if (!(error instanceof RoomRefusal) || error.code !== 'FORBIDDEN') throw error
    if (written === null) return { status: 200, headers: {}, body: { room } }
    const { epoch, commit } = written
    return { status: 200, headers: { etag: etagOf(written) }, body: { room, epoch, commit } }
  }
}

function isShown(body: unknown): body is ShownRecord {
  return typeof body === 'object' && body !== null && 'record' in body
}

function shown(status: number, record: ShownRecord): Outcome {
  return { status, headers: { etag: etagOf(record) }, body: record }
}
