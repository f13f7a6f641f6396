import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from './metrics.ts'
import { HttpProblem } from './problem.ts'
import type { Readiness, ReportedPart } from './readiness.ts'

export interface HealthParts {
  readiness: Readiness
  metrics: Pick<Metrics, 'render' | 'contentType'>
  metricsToken: string | null
  version: string
  isDraining: () => boolean
  authorizeOperator: (request: FastifyRequest) => Promise<void>
}

/**
 * `/healthz`: the process answers; a supervisor restarts it when not. `/readyz`: it can do its work; a balancer
 * sends people elsewhere when not. So a failing disk makes it unready, and not dead: a restart mends no disk. Anybody is
 * told which part fails; why, which names folders and hosts, an operator and who reads the metrics.
 */
export function addHealthRoutes(app: FastifyInstance, parts: HealthParts): void {
  const { readiness, metrics, metricsToken, version, isDraining, authorizeOperator } = parts

  const readsMetrics = ({ headers }: FastifyRequest): boolean =>
    metricsToken !== null && isSame(headers.authorization ?? '', `Bearer ${metricsToken}`)
  const isToldWhy = async (request: FastifyRequest): Promise<boolean> =>
    readsMetrics(request) ||
    authorizeOperator(request).then(
      () => true,
      () => false,
    )

  app.get('/healthz', async () => ({ status: 'ok', version }))

  app.get('/readyz', async (request, reply) => {
    const isTold = await isToldWhy(request)
    const { ready, parts: reported } = readiness.report()
    const draining = isDraining()
    const failing = reported.filter(part => part.problem !== null)
    reply.code(ready && !draining ? 200 : 503).header('cache-control', 'no-store')
    return {
      status: draining ? 'draining' : ready ? 'ready' : 'not ready',
      parts: Object.fromEntries(reported.map(part => [part.name, isTold ? said(part) : saidToAnybody(part)])),
      failing: failing.map(part => part.name),
    }
  })

  app.get('/metrics', async (request, reply) => {
    if (metricsToken !== null && !readsMetrics(request)) {
      throw new HttpProblem('TOKEN_MISSING', 'The metrics ask for the bearer token of --metrics-token.')
    }
    reply.header('content-type', metrics.contentType).header('cache-control', 'no-store')
    return metrics.render()
  })
}

const NOT_TOLD = 'not running: an operator’s token, or that of --metrics-token, is told why'

const said = ({ problem, remark }: ReportedPart): string =>
  problem ?? (remark === null ? 'running' : `running: ${remark}`)

const saidToAnybody = ({ problem }: ReportedPart): string => (problem === null ? 'running' : NOT_TOLD)

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
