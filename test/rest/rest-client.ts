import { startServer, type TestOptions, type TestServer, tokenFor } from '../operations-server.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // What a test looks for in it is the test's affair.
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly body: any
  readonly etag: string
}

export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>

/** A server, and people who speak REST to it. */
export class RestServer {
  readonly running: TestServer

  private constructor(running: TestServer) {
    this.running = running
  }

  static async start(options: TestOptions = {}): Promise<RestServer> {
    return new RestServer(await startServer(options))
  }

  async as(sub: string, ...roles: string[]): Promise<Ask> {
    const token = await tokenFor(sub, { name: sub, roles, lifetimeSeconds: 100 * 86_400 })
    return async (method, path, body, headers = {}) => {
      const isText = typeof body === 'string' || body instanceof Uint8Array
      const response = await this.running.fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isText ? (body as BodyInit) : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson =
        /json/.test(response.headers.get('content-type') ?? '') &&
        !/ndjson/.test(response.headers.get('content-type') ?? '')
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && text !== '' ? JSON.parse(text) : text,
        etag: response.headers.get('etag') ?? '',
      }
    }
  }

  close(): Promise<void> {
    return this.running.close()
  }
}
