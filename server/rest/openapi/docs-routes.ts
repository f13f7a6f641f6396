import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { OpenApi } from './document.ts'

/** `/api/openapi.json` for programs, and `/api/docs` to look at it and try it. */
export function addDocsRoutes(app: FastifyInstance, document: () => OpenApi): void {
  let json: string | null = null
  app.get('/api/openapi.json', async (_request, reply) => {
    json ??= JSON.stringify(document())
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(json)
  })
  app.register(async docs => {
    docs.register(documentSource(document))
    docs.register(swaggerUi, {
      routePrefix: '/api/docs',
      theme: { title: 'corecord API' },
      uiConfig: { docExpansion: 'none', persistAuthorization: true, tryItOutEnabled: true },
    })
  })
}

/** What the browser asks its neighbour plugin for, which would make the document from routes; ours is made from types. */
function documentSource(document: () => OpenApi): (app: FastifyInstance) => Promise<void> {
  const source = async (app: FastifyInstance): Promise<void> => {
    app.decorate('swagger', () => document())
  }
  return Object.assign(source, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('plugin-meta')]: { name: '@fastify/swagger' },
    [Symbol.for('fastify.display-name')]: '@fastify/swagger',
  })
}
