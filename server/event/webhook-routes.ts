import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpProblem } from '../http/problem.ts'
import { paramOf } from '../http/request-address.ts'
import { refuseUnwritable } from '../http/writable.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Webhooks } from './webhooks.ts'
import { ofKnownTypes, parseWish } from './webhook-wish.ts'

/**
 * `/api/admin/webhooks`: what an operator sets up and looks after. The secret is shown once, when it is made.
 */
export const addWebhookRoutes = (
  app: FastifyInstance,
  webhooks: Webhooks,
  types: ReadonlyMap<string, unknown>,
  committer: Pick<GroupCommit, 'readOnly'>,
  authorize: (request: FastifyRequest) => Promise<unknown>,
): void => {
  app.register(
    async admin => {
      admin.addHook('onRequest', async request => {
        await authorize(request)
      })
      admin.addHook('onRequest', refuseUnwritable(committer))
      admin.get('/', async () => ({ webhooks: await webhooks.list() }))
      admin.post('/', async (request, reply) =>
        reply.code(201).send(await webhooks.add(ofKnownTypes(parseWish(request.body), types))),
      )
      admin.delete('/:id', async (request, reply) => {
        await found(webhooks.remove(idOf(request)))
        return reply.code(204).send()
      })
      admin.post('/:id/pause', async request => found(webhooks.pause(idOf(request), true)))
      admin.post('/:id/resume', async request => found(webhooks.pause(idOf(request), false)))
      admin.post('/:id/ping', async request => found(webhooks.ping(idOf(request))))
      admin.get('/:id/dead', async request => ({ dead: await found(webhooks.dead(idOf(request), 1_000)) }))
      admin.post('/:id/replay', async request => ({
        replayed: await found(webhooks.replay(idOf(request), recordOf(request.body))),
      }))
    },
    { prefix: '/api/admin/webhooks' },
  )
}

const idOf = (request: FastifyRequest): string => paramOf(request, 'id')

const found = async <T>(answer: Promise<T | false | null>): Promise<Exclude<T, true> | { ok: true }> => {
  const given = await answer
  if (given === false || given === null) throw new HttpProblem('NO_SUCH_RECORD', 'There is no such webhook.')
  return given === true ? { ok: true } : (given as Exclude<T, true>)
}

const recordOf = (body: unknown): string | null => {
  const record: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'record') : null
  return typeof record === 'string' ? record : null
}
