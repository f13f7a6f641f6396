import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isEndpoint } from './own-requests.ts'
import { HttpProblem } from './problem.ts'

/**
 * Serves a built web app. Its pages have addresses of their own (`/lab`, `/tickets/123`), which only the app
 * knows, so whatever a browser navigates to and is no file and no endpoint gets the app's one HTML page.
 */
export function addStaticApp(app: FastifyInstance, folder: string | null): void {
  const index = folder !== null && existsSync(join(folder, 'index.html'))
  if (folder !== null && index) {
    app.register(fastifyStatic, {
      root: folder,
      // Looked for beside each file: the build leaves .br and .gz where they are worth it.
      preCompressed: true,
      wildcard: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header('cache-control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }

  // Of what nothing takes no body is read, whoever sends it.
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404 && request.method !== 'GET' && request.method !== 'HEAD') throw notFound(request, reply)
  })
  app.setNotFoundHandler(async (request, reply) => {
    const navigates = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    const path = request.url.split('?')[0] ?? '/'
    if (index && navigates && !isEndpoint(path)) return reply.sendFile('index.html')
    if (app.methodsAt(path).length === 0 && navigates && folder !== null && !index)
      throw new HttpProblem(
        'NO_SUCH_ROUTE',
        'Check the app folder: it had no index.html. Build the page, then start the server anew.',
      )
    throw notFound(request, reply)
  })

  function notFound({ method, url }: FastifyRequest, reply: FastifyReply): HttpProblem {
    const path = url.split('?')[0] ?? '/'
    const methods = app.methodsAt(path)
    if (methods.length === 0)
      return new HttpProblem('NO_SUCH_ROUTE', `Check the address: nothing is served at ${path}.`)
    const allowed = methods.join(', ')
    reply.header('allow', allowed)
    return new HttpProblem('METHOD_NOT_ALLOWED', `Check the method: ${path} takes ${allowed}; not ${method}.`)
  }
}

/** Names the builder gave by content never change what they hold. */
function isHashed(path: string): boolean {
  return /[\\/]assets[\\/].+-[\w-]{8,}\.\w+(?:\.(?:br|gz))?$/.test(path)
}
