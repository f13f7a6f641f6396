import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

/** An unmodified y-websocket client of the server at this address, be it of http or of ws. */
export const stockProvider = (
  url: string,
  room: string,
  token: string | null,
  doc = new Y.Doc(),
  options: { readonly protocols?: string[]; readonly connect?: boolean; readonly disableBc?: boolean } = {},
): WebsocketProvider =>
  new WebsocketProvider(`${url.replace('http', 'ws')}/sync`, room, doc, {
    // The `ws` class is a WebSocket as far as the provider uses one.
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
    params: token === null ? {} : { token },
    ...options,
  })

/** The timer of its awareness would go on. */
export const endProvider = (provider: WebsocketProvider): void => {
  provider.destroy()
  provider.awareness.destroy()
}
