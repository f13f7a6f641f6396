import type { FastifyInstance } from 'fastify'
import { demoPeople } from '../access/demo-people.ts'
import { mintToken } from '../access/mint-token.ts'

/** A tab left open over a weekend still works on Monday. */
const lifetimeSeconds = 7 * 24 * 3_600

/** `/api/demo/people`: whom a visitor of the demo may be, each with a token. Only on a server started with --demo. */
export function addDemoRoutes(app: FastifyInstance, secret: string, now: () => number): void {
  app.get('/api/demo/people', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return Promise.all(
      demoPeople.map(async person => {
        const { id: sub, name, roles, system } = person
        const claims = system === 'lab' ? { sandbox: 'lab' } : {}
        const token = await mintToken(secret, { sub, name, roles, claims, lifetimeSeconds }, now)
        return { ...person, token, expiresAt: now() + lifetimeSeconds * 1_000 }
      }),
    )
  })
}
