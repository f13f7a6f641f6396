import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '../wire/wire-server.ts'

export interface Pushed {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
}

/** A push service, and the browsers that have subscribed at it: what is pushed is decrypted as they do it (RFC 8291). */
export class PushService {
  readonly #server: Server
  readonly received: Pushed[] = []
  /** What it answers, by path; 201 where nothing is said, and never where it is `silent`. */
  readonly answers = new Map<string, Answer | 'silent' | 'endless'>()

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const path = request.url ?? ''
        this.received.push({ path, headers: request.headers, body: Buffer.concat(chunks) })
        const answer = this.answers.get(path) ?? { status: 201 }
        if (answer === 'silent') return
        if (answer === 'endless') {
          const goOn = (): void => void (response.destroyed || response.write('and '.repeat(1_000), goOn))
          response.writeHead(201)
          goOn()
          return
        }
        const { status, headers } = answer
        response.writeHead(status, headers).end()
      })
    })
  }

  async open(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  subscribe(path: string): Browser {
    return new Browser(`${this.origin}${path}`)
  }

  async got(count: number): Promise<void> {
    await until(() => this.received.length >= count, `${count} pushes`)
  }

  /** Nobody waits for an answer any longer. */
  hangUp(): void {
    this.#server.closeAllConnections()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

export class Browser {
  readonly endpoint: string
  readonly #ecdh = createECDH('prime256v1')
  readonly #auth = randomBytes(16)

  constructor(endpoint: string) {
    this.endpoint = endpoint
    this.#ecdh.generateKeys()
  }

  get keys(): { readonly p256dh: string; readonly auth: string } {
    return { p256dh: this.#ecdh.getPublicKey('base64url'), auth: this.#auth.toString('base64url') }
  }

  read({ body }: Pushed): unknown {
    const salt = body.subarray(0, 16)
    const idLength = body[20] ?? 0
    const theirs = body.subarray(21, 21 + idLength)
    const sealed = body.subarray(21 + idLength)
    const secret = this.#ecdh.computeSecret(theirs)
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#ecdh.getPublicKey(), theirs])
    const input = Buffer.from(hkdfSync('sha256', secret, this.#auth, info, 32))
    const expand = (label: string, length: number): Buffer =>
      Buffer.from(hkdfSync('sha256', input, salt, Buffer.from(`Content-Encoding: ${label}\0`), length))
    const decipher = createDecipheriv('aes-128-gcm', expand('aes128gcm', 16), expand('nonce', 12))
    decipher.setAuthTag(sealed.subarray(-16))
    const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    // The last byte but padding marks the end.
    return JSON.parse(text.subarray(0, text.lastIndexOf(2)).toString())
  }
}

/** The claims of a push's VAPID token, after its signature was held against the key it names. */
export const vapidOf = ({
  headers,
}: Pushed): { readonly key: string; readonly claims: Record<string, unknown> } => {
  const [, token = '', key = ''] = /^vapid t=(\S+), k=(\S+)$/.exec(String(headers['authorization'])) ?? []
  const [head = '', body = '', signature = ''] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(part => part.toString('base64url'))
  const publicKey = createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' },
    format: 'jwk',
  })
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!isSigned) throw new Error('the VAPID token is not signed by its key')
  return { key, claims: JSON.parse(Buffer.from(body, 'base64url').toString()) }
}
