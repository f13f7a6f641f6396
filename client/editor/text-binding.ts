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

type Stretch = readonly [from: number, to: number]

/** Where the letters of a stretch are after somebody else's change, as far as they are left: what came between is not theirs. */
const leftOf = (delta: readonly DeltaOp[], [from, to]: Stretch): Stretch[] => {
  const left: Stretch[] = []
  let before = 0
  let after = 0
  for (const op of [...delta, { retain: Number.POSITIVE_INFINITY }]) {
    const kept = op.retain ?? 0
    const [start, end] = [Math.max(from, before), Math.min(to, before + kept)]
    if (start < end) left.push([start - before + after, end - before + after])
    before += kept + (op.delete ?? 0)
    after += kept + insertedBy(op)
  }
  return left
}

export interface TextLimit {
  readonly charsMax: number
  /** What the person is told of more than that. */
  sentence(): string
}

/** A word that an input method puts together: until it has, neither side is told of the other. */
export interface Composing {
  /** What the word is typed into. */
  readonly shown: string
  /** What has been changed in it since, and is not shown yet. */
  readonly others: readonly (readonly DeltaOp[])[]
}

export class TextBinding {
  readonly #text: Y.Text
  readonly #element: TextElement
  readonly #limit: TextLimit
  #composing: Composing | null = null
  #isOwn = false
  /** How the text reads, as far as that is known: one that was written for a year takes milliseconds to read. */
  #known: string | null = null
  #changes = 0

  constructor(text: Y.Text, element: TextElement, limit: TextLimit) {
    this.#text = text
    this.#element = element
    this.#limit = limit
  }

  /** In the middle of a word the element is left alone: another text is a change by others like any. */
  start(composing: Composing | null = null): void {
    if (composing === null) this.#element.value = this.#reads
    else this.#composing = { shown: composing.shown, others: [deltaBetween(composing.shown, this.#reads)] }
    this.#text.observe(this.#observe)
  }

  close(): Composing | null {
    this.#text.unobserve(this.#observe)
    return this.#composing
  }

  /** The element's own text changed. */
  typed(): void {
    if (this.#composing === null) this.#write({ shown: this.#reads, others: [] })
  }

  composing(isComposing: boolean): void {
    if (isComposing) {
      this.#composing ??= { shown: this.#reads, others: [] }
      return
    }
    const composing = this.#composing ?? { shown: this.#reads, others: [] }
    this.#composing = null
    const { selectionStart, selectionEnd } = this.#element
    const moved = this.#write(composing)
    this.#show(moved(selectionStart ?? 0), moved(selectionEnd ?? 0))
  }

  /** What was typed into what was shown, where that is in the text by now; gives where a place of the element is. */
  #write({ shown, others }: Composing): (place: number) => number {
    const moved = (place: number): number => others.reduce((at, delta) => movedBy(delta, at), place)
    const { value, selectionEnd } = this.#element
    const change = changeBetween(shown, value, selectionEnd ?? value.length)
    if (change === null) return moved
    const { at, inserted } = change
    const start = moved(at)
    const replaced = others.reduce<readonly Stretch[]>(
      (stretches, delta) => stretches.flatMap(stretch => leftOf(delta, stretch)),
      [[at, at + change.removed]],
    )
    const removed = replaced.reduce((sum, [from, to]) => sum + to - from, 0)
    const before = this.#reads
    if (before.length - removed + inserted.length > Math.max(before.length, this.#limit.charsMax)) {
      this.#takeBack(before, start, replaced.at(-1)?.[1] ?? start)
      return () => start
    }
    this.#element.setCustomValidity('')
    const changesBefore = this.#changes
    this.#isOwn = true
    try {
      this.#text.doc?.transact(() => {
        for (const [from, to] of [...replaced].reverse()) this.#text.delete(from, to - from)
        if (inserted !== '') this.#text.insert(start, inserted)
      })
    } finally {
      this.#isOwn = false
    }
    if (this.#changes === changesBefore + 1 && others.length === 0) this.#known = value
    return place => start + place - at
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
    if (this.#isOwn) return
    if (this.#composing !== null) {
      const { shown, others } = this.#composing
      this.#composing = { shown, others: [...others, event.delta] }
      return
    }
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

const deltaBetween = (before: string, after: string): readonly DeltaOp[] => {
  const change = changeBetween(before, after, after.length)
  return change === null
    ? []
    : [{ retain: change.at }, { delete: change.removed }, { insert: change.inserted }]
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000
