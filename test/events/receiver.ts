import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gate } from '../gate.ts'

export interface Received {
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly body: { readonly type: string; readonly data: Record<string, unknown> }
}

/** Somebody else's server that takes deliveries, or does not. */
export class Receiver {
  readonly received: Received[] = []
  /** What is answered; by default 200. */
  answer: (received: Received) => number = () => 200
  readonly headers: Record<string, string> = {}
  #server!: Server
  #held: Promise<void> | null = null

  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      let text = ''
      request.on('data', chunk => {
        text += chunk
      })
      request.on('end', async () => {
        const received = { headers: request.headers, text, body: JSON.parse(text) }
        this.received.push(received)
        await this.#held
        response.writeHead(this.answer(received), this.headers).end()
      })
    })
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  /** What comes meanwhile is answered when it is over. */
  async hold(meanwhile: () => Promise<void>): Promise<void> {
    const [held, end] = gate()
    this.#held = held
    try {
      await meanwhile()
    } finally {
      end()
      this.#held = null
    }
  }

  get url(): string {
    // An address of a listening TCP server is never a string.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }

  /** Commits of a record in the order they came, repeats left out. */
  commitsOf(record: string): number[] {
    const commits = this.received
      .filter(({ body }) => body.data['record'] === record)
      .map(({ body }) => Number(body.data['commit']))
    return commits.filter((commit, i) => commits.indexOf(commit) === i)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
