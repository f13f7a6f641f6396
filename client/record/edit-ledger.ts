// Where each of one's own edits is on its way to the server's disk. An edit is one local transaction. It is
//
//     pending → on device (IndexedDB has committed it) → saved (the server has) | refused
//
// Saved is what an acknowledgement says and nothing else does: the channel counts its messages that carry an
// update; a `saved` covers the first so many of them, except those it has named as refused or pending. An update
// message carries one edit. A sync step 2 carries everything made before it was encoded, deletes included, and so
// is the one thing that makes good for what was lost with a socket; a later update proves nothing about an
// earlier one, since state vectors do not show deletes.

import { isTouched } from './touched-paths.ts'

export type SaveState = 'pending' | 'on device' | 'saved' | 'refused'

export interface Edit {
  readonly seq: number
  readonly paths: ReadonlySet<string>
  /** How many edits of a person this stands for: after a reload, or a fresh start, they are one. */
  readonly count: number
  readonly at: number
  /** Where the edit begins in the doc's own client id; null for what another tab or an earlier visit wrote. */
  readonly clock: number | null
  isOnDevice: boolean
}

/** What is kept of an edit until it is saved. */
export interface KeptEdit {
  readonly paths: readonly string[]
  readonly count: number
  readonly at: number
  /** The clock of the client id from which on something is unsaved; what is before is saved. Earlier versions kept none. */
  readonly from?: number
}

interface Message {
  readonly number: number
  /** The edits it carries: one, or all up to one. */
  readonly from: number
  readonly upTo: number
}

export class EditLedger {
  readonly #unsaved = new Map<number, Edit>()
  #lastSeq = 0
  #lastNumber = 0
  #messages: Message[] = []
  readonly #pendingNumbers = new Set<number>()

  note(paths: Iterable<string>, at: number, clock: number | null, count = 1): Edit {
    const edit: Edit = { seq: ++this.#lastSeq, paths: new Set(paths), count, at, clock, isOnDevice: false }
    this.#unsaved.set(edit.seq, edit)
    return edit
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  /** IndexedDB has committed everything up to this edit. Tells of which edits that is news. */
  onDevice(upToSeq: number): Edit[] {
    const edits = this.edits.filter(({ seq, isOnDevice }) => seq <= upToSeq && !isOnDevice)
    for (const edit of edits) edit.isOnDevice = true
    return edits
  }

  /** A new channel counts from one, and nothing is on its way in it. */
  channelOpened(): void {
    this.#messages = []
    this.#pendingNumbers.clear()
    this.#lastNumber = 0
  }

  /** A message that carries an update left: the edit that caused it (null: none of ours), or all. */
  sent(carries: number | 'all' | null): number {
    const number = ++this.#lastNumber
    if (carries === 'all') this.#messages.push({ number, from: 0, upTo: this.#lastSeq })
    else if (carries !== null) this.#messages.push({ number, from: carries, upTo: carries })
    return number
  }

  /** The message rests on something the server lacks: only a later step 2 saves what it carried. */
  pending(number: number): void {
    this.#pendingNumbers.add(number)
  }

  /** The first `count` messages are durable. Tells which edits that saved. */
  saved(count: number): Edit[] {
    const saved: Edit[] = []
    const waiting: Message[] = []
    for (const message of this.#messages) {
      if (message.number > count) waiting.push(message)
      else if (!this.#pendingNumbers.has(message.number)) saved.push(...this.#take(message))
    }
    this.#messages = waiting
    return saved
  }

  /** Somebody else answers for it: the tab that wrote it has reported it saved, or lives after all. */
  settle(seq: number): boolean {
    return this.#unsaved.delete(seq)
  }

  /** The edits of a message that was refused; they stay unsaved, for the fresh start to sort out. */
  carriedBy(number: number): Edit[] {
    const message = this.#messages.find(one => one.number === number)
    if (message === undefined) return []
    return [...this.#unsaved.values()].filter(({ seq }) => seq >= message.from && seq <= message.upTo)
  }

  /** Refused messages are no longer waited for. */
  refused(number: number): void {
    this.#messages = this.#messages.filter(message => message.number !== number)
  }

  stateOf(path: string): Exclude<SaveState, 'refused'> {
    let state: Exclude<SaveState, 'refused'> = 'saved'
    for (const edit of this.#unsaved.values()) {
      if (!isTouched(path, edit.paths)) continue
      if (!edit.isOnDevice) return 'pending'
      state = 'on device'
    }
    return state
  }

  /** Of what this doc itself wrote at this clock. */
  stateOfOwn(path: string, clock: number): Exclude<SaveState, 'refused'> {
    const carrying = this.edits.findLast(
      edit => edit.clock !== null && edit.clock <= clock && isTouched(path, edit.paths),
    )
    return carrying === undefined ? 'saved' : carrying.isOnDevice ? 'on device' : 'pending'
  }

  get unsaved(): number {
    let count = 0
    for (const edit of this.#unsaved.values()) count += edit.count
    return count
  }

  get unsavedOnDevice(): number {
    let count = 0
    for (const edit of this.#unsaved.values()) if (edit.isOnDevice) count += edit.count
    return count
  }

  get isEmpty(): boolean {
    return this.#unsaved.size === 0
  }

  get edits(): readonly Edit[] {
    return [...this.#unsaved.values()]
  }

  /** What this doc itself wrote, as one. */
  get kept(): KeptEdit | null {
    const paths = new Set<string>()
    let at = Number.POSITIVE_INFINITY
    let from = Number.POSITIVE_INFINITY
    let count = 0
    for (const edit of this.#unsaved.values()) {
      if (edit.clock === null) continue
      for (const path of edit.paths) paths.add(path)
      at = Math.min(at, edit.at)
      from = Math.min(from, edit.clock)
      count += edit.count
    }
    return count === 0 ? null : { paths: [...paths], count, at, from }
  }

  #take({ from, upTo }: Message): Edit[] {
    const taken: Edit[] = []
    for (const edit of this.#unsaved.values()) {
      // In order, so the first one beyond ends the walk.
      if (edit.seq > upTo) break
      if (edit.seq >= from) taken.push(edit)
    }
    for (const { seq } of taken) this.#unsaved.delete(seq)
    return taken
  }
}
