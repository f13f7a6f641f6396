import { type CorecordServer, createServer, mintToken } from 'corecord/server'
import { records } from './records.ts'

export interface AppServerOptions {
  readonly secret: string
  readonly dataFolder: string
  readonly port: number
  readonly host: string
}

const DAY_S = 24 * 3_600

/** corecord, the built page, and a way to sign in. */
export const createAppServer = ({ secret, ...where }: AppServerOptions): CorecordServer => {
  const server = createServer({ records, secret, appFolder: 'dist', ...where })
  // Whoever gives a name is that person: enough to try things out. Before others can reach this server, put your own
  // sign-in here, or take this out and give corecord the key set of your identity provider (`jwks`).
  server.app.post('/api/sign-in', async (request, reply) => {
    const name = nameIn(request.body)
    if (name === null) return reply.code(400).send({ sentence: 'Send {"name": "…"}.' })
    const sub = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    return { token: await mintToken(secret, { sub, name, lifetimeSeconds: DAY_S }, Date.now) }
  })
  return server
}

const nameIn = (body: unknown): string | null =>
  typeof body === 'object' && body !== null && 'name' in body && typeof body.name === 'string' && body.name !== ''
    ? body.name.slice(0, 100)
    : null
