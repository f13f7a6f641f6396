import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { until } from '../wire/wire-server.ts'

export interface Mailed {
  readonly from: string
  readonly to: readonly string[]
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

/** A mail server that takes what is sent after a login, and can be told to refuse. */
export class MailServer {
  readonly #server: SMTPServer
  readonly received: Mailed[] = []
  attempts = 0
  refuses: { readonly when: 'mail' | 'recipient'; readonly code: number } | null = null
  /** Whoever comes is sent away at the door. */
  isAway = false
  /** Until then nobody who wants to send is answered. */
  hangs: Promise<void> | null = null

  constructor() {
    this.#server = new SMTPServer({
      authMethods: ['PLAIN', 'LOGIN'],
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onConnect: (_, done) => done(this.isAway ? new Error('away') : null),
      onAuth: ({ username, password }, _, done) => {
        const isKnown = username === 'corecord' && password === 'p@ss word'
        done(isKnown ? null : new Error('Who are you?'), isKnown ? { user: username } : undefined)
      },
      onMailFrom: async (_, __, done) => {
        this.attempts++
        await this.hangs
        done(this.#refusal('mail'))
      },
      onRcptTo: (_, __, done) => done(this.#refusal('recipient')),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope
          this.received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            ...parsed(Buffer.concat(chunks).toString()),
          })
          done()
        })
      },
    })
    this.#server.on('error', () => {})
  }

  async open(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): URL {
    const { port } = this.#server.server.address() as AddressInfo
    return new URL(`smtp://corecord:p%40ss%20word@127.0.0.1:${port}`)
  }

  async got(count: number): Promise<void> {
    await until(() => this.received.length >= count, `${count} mails`)
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }

  #refusal(when: 'mail' | 'recipient'): Error | null {
    if (this.refuses?.when !== when) return null
    return Object.assign(new Error('not today'), { responseCode: this.refuses.code })
  }
}

const parsed = (mail: string): Pick<Mailed, 'headers' | 'text'> => {
  const [head = '', ...body] = mail.split('\r\n\r\n')
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headers = new Map(
    lines.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), decoded(line.slice(colon + 1).trim())]
    }),
  )
  const text = body.join('\n\n').replaceAll('\r\n', '\n')
  return {
    headers,
    text: headers.get('content-transfer-encoding') === 'quoted-printable' ? unquoted(text) : text,
  }
}

const unquoted = (text: string): string =>
  Buffer.from(
    text
      .replace(/=\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString()

/** RFC 2047. */
const decoded = (value: string): string =>
  value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, how: string, text: string) =>
      how.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString()
        : unquoted(text.replaceAll('_', ' ')),
    )
