import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Metrics } from './metrics.ts'
import { HttpProblem } from './problem.ts'
import type { Readiness } from './readiness.ts'

export interface HealthParts {
  readiness: Readiness
  metrics: Pick<Metrics, 'render' | 'contentType'>
  metricsToken: string | null
  version: string
  isDraining: () => boolean
}

/**
 * `/healthz`: the process answers; a supervisor restarts it when not. `/readyz`: it can do its work; a balancer
 * sends people elsewhere when not. So a failing disk makes it unready, and not dead: a restart mends no disk.
 */
export function addHealthRoutes(app: FastifyInstance, parts: HealthParts): void {
  const { readiness, metrics, metricsToken, version, isDraining } = parts

  app.get('/healthz', async () => ({ status: 'ok', version }))

  app.get('/readyz', async (_request, reply) => {
    const { ready, parts: reported } = readiness.report()
    const draining = isDraining()
    const failing = reported.filter(part => part.problem !== null)
    reply.code(ready && !draining ? 200 : 503).header('cache-control', 'no-store')
    return {
      status: draining ? 'draining' : ready ? 'ready' : 'not ready',
      parts: Object.fromEntries(
        reported.map(({ name, problem, remark }) => [
          name,
          problem ?? (remark === null ? 'running' : `running: ${remark}`),
        ]),
      ),
      failing: failing.map(part => part.name),
    }
  })

  app.get('/metrics', async (request, reply) => {
    if (metricsToken !== null && !isSame(request.headers.authorization ?? '', `Bearer ${metricsToken}`)) {
      throw new HttpProblem('TOKEN_MISSING', 'The metrics ask for the bearer token of --metrics-token.')
    }
    reply.header('content-type', metrics.contentType).header('cache-control', 'no-store')
    return metrics.render()
  })
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
