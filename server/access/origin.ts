import type { IncomingMessage } from 'node:http'

/**
 * Whether a page from this origin may open a socket. A browser asks no permission before a WebSocket as it does
 * before a fetch, so the server must look for itself. Programs that are no browser send no origin and are judged
 * by their token alone.
 */
export function isOriginAllowed(
  request: Pick<IncomingMessage, 'headers'>,
  corsOrigins: readonly string[],
): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  if (corsOrigins.includes('*') || corsOrigins.includes(origin)) return true
  const parsed = URL.canParse(origin) ? new URL(origin) : null
  return parsed !== null && host !== undefined && parsed.host === host.toLowerCase()
}

/** The problem with a `--cors-origin` entry, or null. `null` is what pages from files and Electron send. */
export function originProblem(origin: string): string | null {
  if (origin === '*' || origin === 'null') return null
  const parsed = URL.canParse(origin) ? new URL(origin) : null
  const asSent =
    parsed === null ? null : parsed.origin === 'null' ? `${parsed.protocol}//${parsed.host}` : parsed.origin
  return asSent === origin
    ? null
    : `«${origin}» is no origin. Write it as browsers send it: https://app.example.com, without a path or a slash at the end.`
}
