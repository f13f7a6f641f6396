import type { FastifyInstance } from 'fastify'
import { addressBlock } from '../access/client-address.ts'
import { createTokenBucket, type TokenBucket } from '../access/token-bucket.ts'
import { tokenOfRequest } from '../access/token-of-request.ts'
import { HttpProblem } from './problem.ts'

/** How many are remembered; the one that was quiet longest is forgotten, and begins with a full bucket again. */
const askersMax = 10_000

/** A page asks for much at once and then for little. */
const burstSeconds = 5

/** However many tokens an address shows, it gets no more than this many times the rate of one. */
const tokensPerAddress = 20

/**
 * So many requests a second for who asks: a person's token, so that an office behind one address is many, and the
 * address where there is none. Health and metrics are not counted: who is overloaded must still be seen.
 */
export function addRequestRate(app: FastifyInstance, perSecond: number, now: () => number): void {
  if (perSecond === Number.POSITIVE_INFINITY) return
  const byToken = createBuckets(perSecond, now)
  const byAddress = createBuckets(perSecond * tokensPerAddress, now)
  const byAddressAlone = createBuckets(perSecond, now)

  app.addHook('onRequest', async (request, reply) => {
    // By its route: an address can be written in more than one way.
    if (!(request.routeOptions.url ?? request.url).startsWith('/api/')) return
    const token = tokenOfRequest(request.raw)
    const address = addressBlock(request.ip)
    const buckets = token === null ? [byAddressAlone(address)] : [byAddress(address), byToken(token)]
    const full = buckets.find(bucket => !bucket.take())
    if (full === undefined) return
    reply.header('retry-after', String(Math.ceil(full.waitMs() / 1_000)))
    throw new HttpProblem('TOO_FAST', 'Slow down: too many requests in a short time.')
  })
}

/** A bucket for each asker. */
export function createBuckets(
  perSecond: number,
  now: () => number,
  burst = perSecond * burstSeconds,
): (asker: string) => TokenBucket {
  const buckets = new Map<string, TokenBucket>()
  return asker => {
    const bucket = buckets.get(asker) ?? createTokenBucket({ perSecond, burst }, now)
    buckets.delete(asker)
    buckets.set(asker, bucket)
    for (const oldest of buckets.keys()) {
      if (buckets.size <= askersMax) break
      buckets.delete(oldest)
    }
    return bucket
  }
}
