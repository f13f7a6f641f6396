import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { ACTIONS } from '../../shared/record/path.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import { valueProblem, type Value } from '../../shared/record/value.ts'
import { knownFirst } from '../http/known-first.ts'
import { HttpProblem } from '../http/problem.ts'
import { assertQuery, paramOf } from '../http/request-address.ts'
import type { ActionResult } from './action-request.ts'
import { type ActionAsk, type Actions, ANSWER_WAIT_MS } from './actions.ts'

/**
 * `POST /api/records/:type/:id/actions/:name` with `{args?, id?}`: asks for an action and answers with what came of
 * it: 200 {state: accepted, result}, 403 where whoever asks may not, 409 with the reason of a refusal, or, where the
 * answer takes long, 202 {state: requested}. The id (or `Idempotency-Key`) makes it the same request, however often it is sent.
 */
export const addActionRoutes = (app: FastifyInstance, actions: Actions): void => {
  const options = { onRequest: knownFirst }
  app.post('/api/records/:type/:id/actions/:name', options, async (request, reply) => {
    const principal = await request.authenticate()
    assertQuery(request)
    const room = `${paramOf(request, 'type')}:${paramOf(request, 'id')}`
    const ask = parseAsk(paramOf(request, 'name'), request.body, request.headers['idempotency-key'])
    try {
      const answer = await actions.act(room, principal, ask, AbortSignal.timeout(ANSWER_WAIT_MS))
      if (answer.state === 'requested') return await reply.code(202).send({ id: ask.id, state: 'requested' })
      const { result } = answer
      if (!result.ok) throw refusalOf(ask.id, result)
      return { id: ask.id, state: 'accepted', result: result.result }
    } catch (error) {
      throw (error instanceof RecordError ? problemOfAsking(error, ask) : null) ?? error
    }
  })
}

export const refusalOf = (id: string, { reason, code }: Extract<ActionResult, { ok: false }>): HttpProblem =>
  new HttpProblem(code ?? 'ACTION_REFUSED', reason, [], { id, state: 'refused' })

/** The request is an entry of a log in the record, of which whoever asks here has never heard. */
const problemOfAsking = ({ problems }: RecordError, { id }: ActionAsk): HttpProblem | null => {
  const [problem] = problems
  if (problem?.path !== `${ACTIONS}/${id}`) return null
  if (problem.code === 'LOG_ENTRY_CHANGED')
    return new HttpProblem(
      'IDEMPOTENCY_MISMATCH',
      `Use a new id: «${id}» came before, with another action or other arguments.`,
      ['id'],
    )
  return problem.code === 'BAD_VALUE' ? new HttpProblem('BAD_ARGUMENTS', problem.sentence, ['args']) : null
}

/** One segment of a path. */
const ID = /^[A-Za-z0-9_-]{1,64}$/

const membersOf = (body: unknown): Readonly<Record<string, unknown>> => {
  if (body === undefined || body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body))
    throw new HttpProblem('BAD_REQUEST', 'Send a JSON object: {"args": {…}}.')
  return { ...body }
}

const parseAsk = (name: string, body: unknown, key: unknown): ActionAsk => {
  const { args = {}, id = key ?? randomBytes(12).toString('hex'), ...rest } = membersOf(body)
  const [other] = Object.keys(rest)
  if (other !== undefined)
    throw new HttpProblem('BAD_REQUEST', `Send {"args": {…}}, with «${other}» in it if it is an argument.`, [
      other,
    ])
  if (typeof id !== 'string' || !ID.test(id))
    throw new HttpProblem('BAD_REQUEST', 'An id has up to 64 letters, digits, «-» or «_».', ['id'])
  if (typeof args !== 'object' || args === null || Array.isArray(args) || valueProblem(args) !== null)
    throw new HttpProblem('BAD_ARGUMENTS', 'args must be an object.', ['args'])
  // `valueProblem` has found nothing that is no value.
  return { name, id, args: args as { readonly [name: string]: Value } }
}
