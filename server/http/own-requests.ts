import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/**
 * Gives a part of an http server's requests to the app. On a server of our own that is all of them; on one that
 * existed, only our addresses, and whoever listened before keeps the rest. Gives the way to undo it.
 */
export function takeRequests(
  server: Server,
  isOurs: (path: string) => boolean,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): () => void {
  // Two listeners would both answer, so the earlier ones are called from within ours.
  const earlier = server.listeners('request')
  server.removeAllListeners('request')

  function listener(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    if (earlier.length === 0 || isOurs(path)) {
      handle(request, response)
      return
    }
    for (const each of earlier) each.call(server, request, response)
  }

  server.on('request', listener)
  return () => {
    server.removeListener('request', listener)
    for (const each of earlier) server.on('request', (...args) => each.apply(server, args))
  }
}

/** Addresses that are ours on a server that serves other things too. */
export function isEndpoint(path: string): boolean {
  return /^\/(?:api|sync|link|ws|metrics|healthz|readyz)(?:\/|$)/.test(path)
}
