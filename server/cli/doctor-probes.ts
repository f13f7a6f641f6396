// How the doctor asks: over HTTP, over a socket, over an event stream.

import { WebSocket } from 'ws'
import { LINK_VERSION, parseServerControl, writeControl } from '../../shared/wire/link-control.ts'
import { CONTROL_CHANNEL, readLinkFrame, writeLinkFrame } from '../../shared/wire/link-frame.ts'
import { under } from './under.ts'

export interface Patient {
  readonly url: string
  readonly token: string | null
  readonly origin: string | null
  readonly version: string
  readonly now: () => number
  /** For so long quiet connections are held, to see whether something between cuts them off; 0: not at all. */
  readonly holdMs: number
}

export const timeoutMs = 10_000

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers: Headers
  readonly tookMs: number
}

export async function fetched(
  base: URL,
  path: string,
  { now }: Patient,
  headers: Record<string, string> = {},
): Promise<Answer | string> {
  const began = now()
  try {
    const response = await fetch(under(base, path), {
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'manual',
    })
    const body = await response.text()
    const type = response.headers.get('content-type') ?? 'no content type'
    return { status: response.status, type, body, headers: response.headers, tookMs: now() - began }
  } catch (error) {
    return reasonOf(error)
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name
}

export type SocketEnd =
  | { readonly kind: 'welcome'; readonly user: string; readonly timeOffMs: number; readonly tookMs: number }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | { readonly kind: 'no upgrade'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: string }

export function sayHello(base: URL, patient: Patient): Promise<SocketEnd> {
  const began = patient.now()
  return overSocket(base, '/link', patient, {
    onOpen: hello(patient),
    onMessage: bytes => {
      const message = welcomeIn(bytes)
      if (message === null) return null
      const tookMs = patient.now() - began
      return {
        kind: 'welcome',
        user: message.user.id,
        tookMs,
        timeOffMs: patient.now() - tookMs / 2 - message.time,
      }
    },
  })
}

const welcomeIn = (bytes: Uint8Array) => {
  const frame = readLinkFrame(bytes)
  const message = frame === null ? null : parseServerControl(frame.payload)
  return message?.t === 'welcome' ? message : null
}

const hello =
  ({ token }: Patient) =>
  (socket: WebSocket): void => {
    const message = writeControl({ t: 'hello', version: LINK_VERSION, token, client: 'doctor' })
    socket.send(writeLinkFrame(CONTROL_CHANNEL, message))
  }

interface SocketTalk {
  onOpen(socket: WebSocket): void
  onMessage(bytes: Uint8Array): SocketEnd | null
}

export async function overSocket(
  base: URL,
  path: string,
  { origin }: Patient,
  talk: SocketTalk,
  late = AbortSignal.timeout(timeoutMs),
): Promise<SocketEnd> {
  const url = under(base, path)
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url, { handshakeTimeout: timeoutMs, ...(origin === null ? {} : { origin }) })
  const ended = new Promise<SocketEnd>(resolve => {
    socket.on('open', () => talk.onOpen(socket))
    socket.on('message', (data: Buffer) => {
      const end = talk.onMessage(data)
      if (end !== null) resolve(end)
    })
    socket.on('close', (code, reason) => resolve({ kind: 'closed', code, reason: reason.toString() }))
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve({ kind: 'no upgrade', status: response.statusCode ?? 0 })
      socket.terminate()
    })
    socket.on('error', error => resolve({ kind: 'failed', reason: reasonOf(error) }))
    late.addEventListener('abort', () => resolve({ kind: 'failed', reason: reasonOf(late.reason) }))
  })
  try {
    return await ended
  } finally {
    socket.terminate()
  }
}

export const openEventStream = (base: URL, token: string, signal: AbortSignal): Promise<Response> =>
  fetch(under(base, '/api/events'), {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
    signal,
  })

/** Until its end; what never opened is another finding. */
export async function heldSocket(
  base: URL,
  patient: Patient,
  opened: () => void,
  signal: AbortSignal,
): Promise<string> {
  let isOpen = false
  const onMessage = (bytes: Uint8Array): null => {
    if (welcomeIn(bytes) === null) return null
    isOpen = true
    opened()
    return null
  }
  await overSocket(base, '/link', patient, { onOpen: hello(patient), onMessage }, signal)
  if (!isOpen) throw new Error('It was not welcomed.')
  return 'a WebSocket'
}

export async function heldStream(
  base: URL,
  token: string,
  opened: () => void,
  signal: AbortSignal,
): Promise<string> {
  const response = await openEventStream(base, token, signal)
  if (!response.ok) throw new Error(`It was answered with ${response.status}.`)
  opened()
  // Cut off, which is an end as well.
  await response.body?.pipeTo(new WritableStream()).catch(() => {})
  return 'an event stream'
}
