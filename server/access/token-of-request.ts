import type { IncomingMessage } from 'node:http'

/** A browser can set no header on a WebSocket, so the subprotocol list may carry the token behind this word. */
export const tokenProtocolPrefix = 'corecord.token.'

/** The token a request carries, or null. Headers first: what stands in a URL ends up in other people's logs. */
export function tokenOfRequest(request: Pick<IncomingMessage, 'headers' | 'url'>): string | null {
  return tokenOfHeader(request) ?? tokenOfProtocols(request) ?? tokenOfQuery(request.url ?? '/')
}

function tokenOfHeader({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
  return token ?? null
}

function tokenOfProtocols({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map(protocol => protocol.trim())
  const carrier = offered.find(protocol => protocol.startsWith(tokenProtocolPrefix))
  return carrier === undefined ? null : carrier.slice(tokenProtocolPrefix.length)
}

function tokenOfQuery(url: string): string | null {
  const token = parameterOf(url, 'token')
  return token === '' ? null : token
}

/** Of the URL as a request has it, without a host. */
export function parameterOf(url: string, name: string): string | null {
  const query = url.indexOf('?')
  return query === -1 ? null : new URLSearchParams(url.slice(query + 1)).get(name)
}

/**
 * A URL fit for a log: the value of every parameter that may be a secret is gone, its name stays; so is whatever looks
 * like a JWT, wherever somebody put it. Each character is looked at a few times at most: anybody at all may send it.
 */
export function redactUrl(url: string): string {
  return url
    .replace(/([?&](?:token|access_token|secret|key)=)[^&#]*/gi, '$1…')
    .replace(/[\w.-]+/g, run => (isLikeJwt(run) ? '…' : run))
}

const isLikeJwt = (run: string): boolean => run.includes('eyJ') && run.split('.').length > 2
