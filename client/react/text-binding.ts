// A plain text and an input element, kept the same letter by letter. What a person types becomes the smallest
// change that explains it; what others type moves the caret with the words around it.

import type * as Y from 'yjs'

export interface TextElement {
  value: string
  selectionStart: number | null
  selectionEnd: number | null
  setSelectionRange(start: number, end: number): void
  setCustomValidity(sentence: string): void
  reportValidity(): boolean
}

/** Where `before` became `after`, as one replacement; the caret tells which of equal letters were typed. */
export const changeBetween = (
  before: string,
  after: string,
  caret: number,
): { readonly at: number; readonly removed: number; readonly inserted: string } | null => {
  if (before === after) return null
  // What stands behind the caret has not been touched, for as long as it agrees.
  const suffixMax = Math.min(after.length - Math.min(caret, after.length), before.length)
  let suffix = 0
  while (suffix < suffixMax && before[before.length - 1 - suffix] === after[after.length - 1 - suffix])
    suffix++
  const prefixMax = Math.min(before.length, after.length) - suffix
  let prefix = 0
  while (prefix < prefixMax && before[prefix] === after[prefix]) prefix++
  // A character of two units is never cut.
  if (prefix > 0 && isHighSurrogate(before.charCodeAt(prefix - 1))) prefix--
  if (suffix > 0 && isLowSurrogate(before.charCodeAt(before.length - suffix))) suffix--
  return {
    at: prefix,
    removed: before.length - suffix - prefix,
    inserted: after.slice(prefix, after.length - suffix),
  }
}

export interface DeltaOp {
  readonly retain?: number | undefined
  readonly delete?: number | undefined
  readonly insert?: unknown
}

export const insertedBy = ({ insert }: DeltaOp): number =>
  typeof insert === 'string' ? insert.length : insert === undefined ? 0 : 1

/** Where a place in the text is after somebody else's change. */
export const movedBy = (delta: readonly DeltaOp[], place: number): number => {
  let at = 0
  let moved = place
  for (const op of delta) {
    if (op.retain !== undefined) at += op.retain
    else if (op.delete !== undefined) moved -= Math.max(0, Math.min(op.delete, moved - at))
    else {
      const length = insertedBy(op)
      if (at < moved) moved += length
      at += length
    }
  }
  return moved
}

export interface TextLimit {
  readonly charsMax: number
  /** What the person is told of more than that. */
  sentence(): string
}

export class TextBinding {
  readonly #text: Y.Text
  readonly #element: TextElement
  readonly #limit: TextLimit
  #isComposing = false
  #isOwn = false
  /** How the text reads, as far as that is known: one that was written for a year takes milliseconds to read. */
  #known: string | null = null
  #changes = 0

  constructor(text: Y.Text, element: TextElement, limit: TextLimit) {
    this.#text = text
    this.#element = element
    this.#limit = limit
  }

  start(): void {
    this.#element.value = this.#reads
    this.#text.observe(this.#observe)
  }

  close(): void {
    this.#text.unobserve(this.#observe)
  }

  /** The element's own text changed. */
  typed(): void {
    if (this.#isComposing) return
    const { value, selectionEnd } = this.#element
    const before = this.#reads
    const change = changeBetween(before, value, selectionEnd ?? value.length)
    if (change === null) return
    const { at, removed, inserted } = change
    if (value.length > Math.max(before.length, this.#limit.charsMax)) {
      this.#takeBack(before, at, at + removed)
      return
    }
    this.#element.setCustomValidity('')
    const changesBefore = this.#changes
    this.#isOwn = true
    try {
      this.#text.doc?.transact(() => {
        if (removed > 0) this.#text.delete(at, removed)
        if (inserted !== '') this.#text.insert(at, inserted)
      })
    } finally {
      this.#isOwn = false
    }
    if (this.#changes === changesBefore + 1) this.#known = value
  }

  /** An input method puts a word together: until it has, neither side is told of it. */
  composing(isComposing: boolean): void {
    this.#isComposing = isComposing
    if (isComposing) return
    this.typed()
    this.#show(this.#element.selectionStart ?? 0, this.#element.selectionEnd ?? 0)
  }

  get #reads(): string {
    this.#known ??= this.#text.toString()
    return this.#known
  }

  /** Sent, it would be refused, and all else with it that is unsent in this text. */
  #takeBack(before: string, start: number, end: number): void {
    this.#element.value = before
    this.#element.setSelectionRange(start, end)
    this.#element.setCustomValidity(this.#limit.sentence())
    this.#element.reportValidity()
  }

  readonly #observe = (event: Y.YTextEvent): void => {
    this.#known = null
    this.#changes++
    if (this.#isOwn || this.#isComposing) return
    const { selectionStart, selectionEnd } = this.#element
    this.#show(movedBy(event.delta, selectionStart ?? 0), movedBy(event.delta, selectionEnd ?? 0))
  }

  #show(start: number, end: number): void {
    const text = this.#reads
    if (this.#element.value === text) return
    this.#element.value = text
    this.#element.setSelectionRange(start, end)
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000
