import type { FastifyInstance } from 'fastify'
import type { Limits } from '../access/limits.ts'
import { addressBlock } from '../access/client-address.ts'
import { isAnonymous } from '../access/principal.ts'
import { createSocketCounter } from '../access/socket-counter.ts'
import { HttpProblem } from './problem.ts'
import { whenGone } from './when-gone.ts'

/** Their answers stay open for as long as somebody listens. */
const STREAMS: ReadonlySet<string | undefined> = new Set(['/api/events', '/api/lists'])

/** A stream of news holds a connection as a socket does, and as many of them are one person's. */
export function addOpenStreams(
  app: FastifyInstance,
  { socketsPerUser, socketsPerAddress }: Pick<Limits, 'socketsPerUser' | 'socketsPerAddress'>,
): void {
  const people = createSocketCounter(socketsPerUser)
  const addresses = createSocketCounter(socketsPerAddress)
  app.addHook('onRequest', async (request, reply) => {
    if (!STREAMS.has(request.routeOptions.url)) return
    const person = await request.authenticate()
    const leave = isAnonymous(person) ? addresses.enter(addressBlock(request.ip)) : people.enter(person.id)
    if (leave === null)
      throw new HttpProblem('TOO_MANY_SOCKETS', 'Close other windows or wait: you have too many connections.')
    whenGone(reply.raw, leave)
  })
}
