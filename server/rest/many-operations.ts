import { type Value, valueProblem } from '../../shared/record/value.ts'
import type { Principal } from '../access/principal.ts'
import { HttpProblem, problemBody, problemOfError } from '../http/problem.ts'
import { parseMatch } from './etag.ts'
import { type Operation, type OperationAsk, type OperationParts, perform } from './operations.ts'
import { basisOf, fitKey, flagOf, objectOf, recordId, restoredPath } from './request-parts.ts'

/**
 * Many things in one request. Those of one record are done in their order, records beside each other; each stands or
 * falls by itself, as the edits of one device do.
 */
export interface OperationResult {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

const RECORDS_AT_ONCE = 32

export async function performMany(
  parts: OperationParts,
  principal: Principal,
  given: unknown,
  idempotencyKey: string | null,
): Promise<OperationResult[]> {
  if (!Array.isArray(given)) throw new HttpProblem('BAD_REQUEST', 'Send {"operations": […]}.', ['operations'])
  const { operationsPerRequest } = parts.limits
  if (given.length > operationsPerRequest)
    throw new HttpProblem('TOO_MANY', `At most ${operationsPerRequest} operations in one request.`, [
      'operations',
    ])
  const results: OperationResult[] = []
  const lines = new Map<string, (() => Promise<void>)[]>()
  for (const [at, one] of given.entries()) {
    const key = idempotencyKey === null ? null : `${idempotencyKey}#${at}`
    const line = lineOf(one, at)
    const work = async (): Promise<void> => {
      results[at] = await performOne(parts, principal, one, key)
    }
    lines.set(line, [...(lines.get(line) ?? []), work])
  }
  const waiting = [...lines.values()]
  const next = async (): Promise<void> => {
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift())
      for (const work of line) await work()
  }
  await Promise.all(Array.from({ length: Math.min(RECORDS_AT_ONCE, waiting.length) }, next))
  return results
}

/** Operations that name no record have nothing to wait for. */
function lineOf(one: unknown, at: number): string {
  const { type, id } = typeof one === 'object' && one !== null ? ({ ...one } as Record<string, unknown>) : {}
  return typeof id === 'string' ? `${String(type)}:${id}` : String(at)
}

async function performOne(
  parts: OperationParts,
  principal: Principal,
  given: unknown,
  idempotencyKey: string | null,
): Promise<OperationResult> {
  try {
    return await perform(parts, principal, operationIn(given, idempotencyKey))
  } catch (error) {
    const problem = problemOfError(error)
    if (problem === null) throw error
    const body = problemBody(problem)
    return { status: body.status, headers: {}, body }
  }
}

function operationIn(given: unknown, key: string | null): Operation {
  const { ifMatch, basis, idempotencyKey, ...one } = objectOf(given)
  return {
    ...askIn(one),
    ifMatch: typeof ifMatch === 'string' ? parseMatch(ifMatch) : null,
    basis: typeof basis === 'string' ? basisOf(basis) : null,
    idempotencyKey: typeof idempotencyKey === 'string' ? fitKey(idempotencyKey, 'idempotencyKey') : key,
  }
}

function askIn({ op, type, id, ...rest }: Readonly<Record<string, unknown>>): OperationAsk {
  if (typeof type !== 'string') throw new HttpProblem('BAD_REQUEST', 'An operation names its type.', ['type'])
  if (op === 'create') {
    const again = flagOf(rest['again'], 'again')
    return { op, type, id: recordId(id), values: objectOf(rest['values'] ?? {}), again }
  }
  const of = { type, id: recordId(id) ?? missingId() }
  switch (op) {
    case 'read':
    case 'remove':
      return { op, ...of }
    case 'patch':
      return { op, ...of, patch: objectOf(rest['patch']) }
    case 'restore':
      return { op, ...of, path: restoredPath(rest['path'] ?? '') }
    case 'act':
      return { op, ...of, ...actIn(rest) }
    default:
      throw new HttpProblem('BAD_REQUEST', 'op is read, create, patch, remove, restore or act.', ['op'])
  }
}

function missingId(): never {
  throw new HttpProblem('BAD_REQUEST', 'An operation names its record.', ['id'])
}

function actIn({ action, args = {}, request }: Readonly<Record<string, unknown>>): {
  action: string
  args: { readonly [name: string]: Value }
  request: string
} {
  if (typeof action !== 'string') throw new HttpProblem('BAD_REQUEST', 'action names the action.', ['action'])
  if (typeof request !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(request))
    throw new HttpProblem('BAD_REQUEST', 'request is an id of your own, for this request alone.', ['request'])
  const problem = valueProblem(args)
  if (problem !== null) throw new HttpProblem('BAD_ARGUMENTS', problem, ['args'])
  // `valueProblem` has found nothing that is no value.
  return { action, args: objectOf(args) as { readonly [name: string]: Value }, request }
}
