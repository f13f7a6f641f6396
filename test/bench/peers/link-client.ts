// Many channels on one socket, spoken with the generator's cheap client.

import { CONTROL_CHANNEL, readLinkFrame, writeLinkFrame } from '../../../shared/wire/link-frame.ts'
import { LINK_VERSION } from '../../../shared/wire/link-control.ts'
import type { Generator } from './generator.ts'

/** Sync step 1 of a client that has nothing. */
const STEP_1 = Uint8Array.of(0, 0, 1, 0)

export interface OpenedLink {
  close(): void
}

/** Opens all rooms at once and resolves when each has answered the sync step 1 with content. */
export const openLink = (
  { WsClient, frame }: Generator,
  url: string,
  rooms: readonly string[],
  isContent: (payload: Uint8Array) => boolean,
): Promise<OpenedLink> =>
  new Promise((resolve, reject) => {
    const control = (message: object): Buffer =>
      frame(writeLinkFrame(CONTROL_CHANNEL, Buffer.from(JSON.stringify(message))))
    const channels = rooms.map((room, i) => ({ channel: i + 1, room }))
    const awaited = new Set(channels.map(({ channel }) => channel))
    const socket = new WsClient(url, {
      onopen() {
        socket.sock.cork()
        socket.send(control({ t: 'hello', version: LINK_VERSION, token: null }))
        socket.send(control({ t: 'open', channels }))
        for (const { channel } of channels) socket.send(frame(writeLinkFrame(channel, STEP_1)))
        socket.sock.uncork()
      },
      onmessage(buffer, start, end) {
        const read = readLinkFrame(buffer.subarray(start, end))
        if (read === null) return reject(new Error('not a frame of the link'))
        const { channel, payload } = read
        if (channel === CONTROL_CHANNEL) {
          const text = Buffer.from(payload).toString()
          if (/"t":"(closed|error)"/.test(text)) reject(new Error(text))
          return
        }
        const isStep2 = payload[0] === 0 && payload[1] === 1
        if (isStep2 && isContent(payload) && awaited.delete(channel) && awaited.size === 0)
          resolve({ close: () => socket.closeClean() })
      },
      onclose: reason => reject(new Error(`the link closed: ${reason}`)),
    })
  })

export const linkUrl = (url: string): string => new URL('/link', url).href
