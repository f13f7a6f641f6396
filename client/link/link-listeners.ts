// Who else is on the link besides the channels: for lists, the inbox and files a control message by its name, and
// that it opened, was lost, or went a round of polling.

import type { JsonObject } from '../../shared/wire/shape.ts'

export class LinkListeners {
  readonly #handlers = new Map<string, (body: JsonObject) => void>()
  readonly #opened = new Set<() => void>()
  readonly #admitted = new Set<() => void>()
  readonly #lost = new Set<() => void>()
  readonly #rounds = new Set<() => void>()

  onControl(name: string, handler: (body: JsonObject) => void): () => void {
    this.#handlers.set(name, handler)
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name)
    }
  }

  onOpen(tell: () => void): () => void {
    this.#opened.add(tell)
    return () => this.#opened.delete(tell)
  }

  onAdmitted(tell: () => void): () => void {
    this.#admitted.add(tell)
    return () => this.#admitted.delete(tell)
  }

  onLost(tell: () => void): () => void {
    this.#lost.add(tell)
    return () => this.#lost.delete(tell)
  }

  onRound(tell: () => void): () => void {
    this.#rounds.add(tell)
    return () => this.#rounds.delete(tell)
  }

  control(name: string, body: JsonObject): void {
    this.#handlers.get(name)?.(body)
  }

  opened(): void {
    for (const tell of [...this.#opened]) tell()
  }

  admitted(): void {
    for (const tell of [...this.#admitted]) tell()
  }

  lost(): void {
    for (const tell of [...this.#lost]) tell()
  }

  rounded(): void {
    for (const tell of [...this.#rounds]) tell()
  }
}
