import type { SocketLike } from './surroundings.ts'

/** A socket around another: all goes straight through, but for what a kind of it does otherwise. */
export class WrappedSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  protected readonly inner: SocketLike

  constructor(inner: SocketLike) {
    this.inner = inner
    inner.onopen = event => this.onopen?.(event)
    inner.onmessage = event => this.onmessage?.(event)
    inner.onclose = event => this.onclose?.(event)
    inner.onerror = event => this.onerror?.(event)
  }

  get binaryType(): string {
    return this.inner.binaryType
  }

  set binaryType(type: string) {
    this.inner.binaryType = type
  }

  get readyState(): number {
    return this.inner.readyState
  }

  get bufferedAmount(): number {
    return this.inner.bufferedAmount
  }

  send(data: Uint8Array): void {
    this.inner.send(data)
  }

  close(code?: number, reason?: string): void {
    this.inner.close(code, reason)
  }
}
