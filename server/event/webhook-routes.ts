import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpProblem } from '../http/problem.ts'
import type { Webhook } from './webhook-record.ts'
import type { Webhooks, WebhookWish } from './webhooks.ts'

/**
 * `/api/admin/webhooks`: what an operator sets up and looks after. The secret is shown once, when it is made.
 */
export const addWebhookRoutes = (
  app: FastifyInstance,
  webhooks: Webhooks,
  authorize: (request: FastifyRequest) => Promise<unknown> = request => request.authenticateAdmin(),
): void => {
  app.register(
    async admin => {
      admin.addHook('onRequest', async request => {
        await authorize(request)
      })
      admin.get('/', async () => ({ webhooks: await webhooks.list() }))
      admin.post('/', async (request, reply) =>
        reply.code(201).send(await webhooks.add(parseWish(request.body))),
      )
      admin.delete('/:id', async (request, reply) => {
        await found(webhooks.remove(idOf(request)))
        return reply.code(204).send()
      })
      admin.post('/:id/pause', async request => found(webhooks.pause(idOf(request), true)))
      admin.post('/:id/resume', async request => found(webhooks.pause(idOf(request), false)))
      admin.post('/:id/ping', async request => found(webhooks.ping(idOf(request))))
      admin.get('/:id/dead', async request => ({ dead: await webhooks.dead(idOf(request), 1_000) }))
      admin.post('/:id/replay', async request => ({
        replayed: await webhooks.replay(idOf(request), recordOf(request.body)),
      }))
    },
    { prefix: '/api/admin/webhooks' },
  )
}

const idOf = (request: FastifyRequest): string => {
  const { id } = request.params as { id?: string }
  return id ?? ''
}

const found = async <T>(answer: Promise<T | false | null>): Promise<Exclude<T, true> | { ok: true }> => {
  const given = await answer
  if (given === false || given === null) throw new HttpProblem('NO_SUCH_RECORD', 'There is no such webhook.')
  return given === true ? { ok: true } : (given as Exclude<T, true>)
}

const recordOf = (body: unknown): string | null => {
  const record: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'record') : null
  return typeof record === 'string' ? record : null
}

const parseWish = (body: unknown): WebhookWish => {
  const given: unknown = typeof body === 'object' && body !== null ? body : {}
  const { url, types, as, note, secret } = given as Record<string, unknown>
  return {
    url: parseUrl(url),
    ...(types === undefined || types === null ? {} : { types: texts(types, 'types') }),
    ...(note === undefined ? {} : { note: text(note, 'note') }),
    ...(secret === undefined ? {} : { secret: parseSecret(secret) }),
    ...(as === undefined || as === null ? {} : { as: parseAs(as) }),
  }
}

const bad = (name: string, wanted: string): never => {
  throw new HttpProblem('BAD_REQUEST', `${name} must be ${wanted}.`, [name])
}

const parseUrl = (value: unknown): string => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : bad('url', 'an http or https address')
}

const text = (value: unknown, name: string): string =>
  typeof value === 'string' && value.length <= 1_000 ? value : bad(name, 'a text')

const texts = (value: unknown, name: string): string[] =>
  Array.isArray(value) && value.length <= 1_000
    ? value.map((item, i) => text(item, `${name}[${i}]`))
    : bad(name, 'a list of texts')

const parseSecret = (value: unknown): string => {
  const secret = text(value, 'secret')
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length
  return secret.startsWith('whsec_') && bytes >= 24
    ? secret
    : bad('secret', '«whsec_» and 24 bytes or more in base64')
}

const parseAs = (value: unknown): NonNullable<Webhook['as']> => {
  if (typeof value !== 'object' || value === null) return bad('as', '{roles, claims}')
  const { roles = [], claims = {} } = value as Record<string, unknown>
  if (typeof claims !== 'object' || claims === null) return bad('as.claims', 'an object')
  return { roles: texts(roles, 'as.roles'), claims: { ...claims } }
}
