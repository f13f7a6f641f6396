import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Authenticator } from '../../server/access/authenticate.ts'
import type { Authentication } from '../../server/access/tokens.ts'
import { defaultLimits, type Limits } from '../../server/access/limits.ts'
import { tokenOfRequest } from '../../server/access/token-of-request.ts'
import { UnreadAnswers } from '../../server/http/unread-answers.ts'
import { createSockets, type Endpoint, type Sockets, type SocketsParts } from '../../server/link/sockets.ts'
import { createWireCounters, type WireCounters } from '../../server/link/wire-counters.ts'

/** Tokens are `id`, `id:name` or `id:name:role+role`; `expired` has expired. */
export const fakeAuthenticator: Authenticator = {
  async request(request) {
    const token = tokenOfRequest(request)
    return token === null ? refusal('TOKEN_MISSING') : authentication(token)
  },
  token: async token => authentication(token),
}

const authentication = (token: string): Authentication => {
  if (token === 'expired') return refusal('TOKEN_EXPIRED')
  const [id = '', name = id, roles = ''] = token.split(':')
  return {
    ok: true,
    principal: { id, name, roles: roles.split('+').filter(Boolean), claims: {}, expiresAt: null },
  }
}

const refusal = (code: 'TOKEN_MISSING' | 'TOKEN_EXPIRED'): Authentication => ({
  ok: false,
  code,
  reason: 'Sign in.',
})

export interface WireServer {
  readonly url: string
  readonly server: Server
  readonly sockets: Sockets
  readonly counters: WireCounters
  close(): Promise<void>
}

export const startWireServer = async (
  endpoints: readonly Endpoint[],
  { port = 0, ...parts }: Partial<SocketsParts> & { limits?: Limits; port?: number } = {},
): Promise<WireServer> => {
  const server = createServer((_request, response) => response.end('hello'))
  const counters = parts.counters ?? createWireCounters()
  const sockets = createSockets({
    server,
    endpoints,
    authenticator: fakeAuthenticator,
    limits: defaultLimits,
    counters,
    unread: new UnreadAnswers({ bytesMax: Number.POSITIVE_INFINITY, onCut() {} }),
    logger: { warn() {}, error() {} },
    ...parts,
  })
  sockets.start()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  // An address of a listening TCP server is never a string.
  const address = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${address.port}`,
    server,
    sockets,
    counters,
    async close() {
      await sockets.close(500)
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Shortly before the test is given up, which would not say what it waited for. */
const NEVER_MS = 170_000

/** Waits for something that real sockets bring about, by events where there are any. */
export const until = async (holds: () => boolean, what: string): Promise<void> => {
  const end = performance.now() + NEVER_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never came: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
