import type { FastifyInstance } from 'fastify'

/**
 * What browsers are told about every answer. The app loads code only from its own origin, may be framed by nobody
 * else (the lab frames three of itself), and sends no address onwards, because an address may hold a token.
 */
export interface SecurityParts {
  /** Other origins may load what this server serves (pictures, say) only when some are named. */
  hasForeignOrigins: boolean
  /** Whether people come by https, as far as is known; only then may the browser be held to it. */
  isHttps: (request: { headers: Record<string, string | string[] | undefined> }) => boolean
}

const contentPolicy = [
  "default-src 'self'",
  // The app's component library sets sizes and colours as inline styles.
  "style-src 'self' 'unsafe-inline'",
  // Photos taken off line are shown from memory before they have an address.
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ')

export function addSecurityHeaders(
  app: FastifyInstance,
  { hasForeignOrigins, isHttps }: SecurityParts,
): void {
  const headers: Record<string, string> = {
    'content-security-policy': contentPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': hasForeignOrigins ? 'cross-origin' : 'same-origin',
    // The camera scans barcodes and takes photos; nothing asks for the rest.
    'permissions-policy': 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
  }
  // On request, so that a route or plugin with a policy of its own (the API's browser) can replace it.
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    if (isHttps(request)) reply.header('strict-transport-security', 'max-age=31536000')
  })
}
