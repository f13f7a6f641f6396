import { WebSocket } from 'ws'
import {
  type ClientControl,
  LINK_VERSION,
  parseServerControl,
  writeControl,
} from '../../shared/wire/link-control.ts'
import { CONTROL_CHANNEL, readLinkFrame, writeLinkFrame } from '../../shared/wire/link-frame.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import { until } from './wire-server.ts'

type Received = ReturnType<typeof parseServerControl>

/** The client's side of a link, by hand. */
export class LinkClient {
  readonly socket: WebSocket
  readonly control: Received[] = []
  /** All frames in the order they came: the names of control messages, the numbers of channels. */
  readonly order: (string | number)[] = []
  readonly messages = new Map<number, Uint8Array[]>()
  onMessage: (channel: number, payload: Uint8Array) => void = () => {}
  onControl: (message: Received) => void = () => {}
  close: { code: number; reason: string } | null = null

  constructor(url: string, options: object = {}) {
    this.socket = new WebSocket(`${url}/link`, options)
    this.socket.on('error', () => {})
    this.socket.on('close', (code, reason) => {
      this.close = { code, reason: reason.toString() }
    })
    this.socket.on('message', data => {
      // Binary messages arrive as one buffer by default.
      const frame = readLinkFrame(new Uint8Array(data as Buffer))
      if (frame === null) throw new Error('no frame')
      if (frame.channel === CONTROL_CHANNEL) {
        const message = parseServerControl(frame.payload)
        this.control.push(message)
        this.order.push(message.t === 'other' ? message.name : message.t)
        this.onControl(message)
        return
      }
      this.order.push(frame.channel)
      this.messages.set(frame.channel, [...(this.messages.get(frame.channel) ?? []), frame.payload])
      this.onMessage(frame.channel, frame.payload)
    })
  }

  async opened(): Promise<this> {
    await new Promise(resolve => this.socket.once('open', resolve))
    return this
  }

  async greeted(token: string | null = 'ana'): Promise<this> {
    await this.opened()
    this.tell({ t: 'hello', version: LINK_VERSION, token })
    await this.heard('welcome')
    return this
  }

  tell(message: ClientControl | (JsonObject & { readonly t: string })): void {
    this.socket.send(writeLinkFrame(CONTROL_CHANNEL, writeControl(message)))
  }

  send(channel: number, message: Uint8Array): void {
    this.socket.send(writeLinkFrame(channel, message))
  }

  /** The next message of this name that was not asked for before. */
  async heard<Name extends Received['t']>(name: Name): Promise<Extract<Received, { t: Name }>> {
    await until(() => this.control.some(({ t }) => t === name), `control message ${name}`)
    const index = this.control.findIndex(({ t }) => t === name)
    const [message] = this.control.splice(index, 1)
    // Found by this name.
    return message as Extract<Received, { t: Name }>
  }

  async closed(): Promise<{ code: number; reason: string }> {
    await until(() => this.close !== null, 'the close of the link')
    return this.close ?? { code: 0, reason: '' }
  }
}
