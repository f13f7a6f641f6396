import type { FastifyInstance } from 'fastify'

/** Which methods an address takes, for whoever came with another; to be asked of routes added from now on. */
export function createMethodsAt(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    // What takes every address says nothing of any one.
    if (url.includes('*')) return
    routes.push({ pattern: patternOf(url), methods: [method].flat() })
  })
  return path => [
    ...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)),
  ]
}

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split('/')
      .map(segment => (segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/[^\w-]/g, '\\$&')))
      .join('/')}/?$`,
  )
