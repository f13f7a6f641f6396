/**
 * The searchable text of all rows, some hundred rows to a string: to look for a word in a long string is many times
 * faster than to look for it in many short ones. Made when somebody first searches, and again where rows changed.
 */
const ROWS_A_CHUNK = 256
const GAP = '\0'
/** Chunks looked at to guess how many rows have a word. */
const GUESSED_FROM = 12
const FOLDED_AT_ONCE = 4_096

interface Chunk {
  readonly text: string
  /** Where the text of each slot begins. */
  readonly starts: Uint32Array
}

export class TextIndex {
  readonly #textAt: (slot: number) => string | null
  readonly #texts: (string | undefined)[] = []
  readonly #chunks: (Chunk | undefined)[] = []
  /** Up to here chunks were made; those that have changed since are soon made again, since their texts are kept. */
  #made = 0

  /** `textAt` gives null for a slot that nobody has. */
  constructor(textAt: (slot: number) => string | null) {
    this.#textAt = textAt
  }

  changed(slot: number): void {
    this.#texts[slot] = undefined
    this.#chunks[Math.floor(slot / ROWS_A_CHUNK)] = undefined
  }

  textOf(slot: number): string {
    const text = this.#texts[slot] ?? this.#textAt(slot) ?? ''
    this.#texts[slot] = text
    return text
  }

  /** Whether a search can begin without first making the text of very many rows. */
  isPrepared(slotCount: number): boolean {
    return this.#made * ROWS_A_CHUNK + FOLDED_AT_ONCE >= slotCount
  }

  async prepare(slotCount: number, pause: () => Promise<void>): Promise<void> {
    for (let number = 0; number * ROWS_A_CHUNK < slotCount; number++) {
      this.#chunk(number)
      if ((number * ROWS_A_CHUNK) % FOLDED_AT_ONCE === 0) await pause()
    }
  }

  /** About how many `find` would find. */
  guess(words: readonly string[], slotCount: number): number {
    const chunkCount = Math.ceil(slotCount / ROWS_A_CHUNK)
    const made = this.#made
    const step = Math.max(1, Math.floor(chunkCount / GUESSED_FROM))
    const found: number[] = []
    let looked = 0
    for (let number = 0; number < chunkCount; number += step) {
      this.#findIn(this.#chunk(number), number * ROWS_A_CHUNK, words, found)
      looked++
    }
    this.#made = made
    return looked === 0 ? 0 : Math.ceil((found.length * chunkCount) / looked)
  }

  /** Slots up to `slotCount` in whose text all the words occur. */
  find(words: readonly string[], slotCount: number): number[] {
    const found: number[] = []
    const rarestFirst = words
      .map(word => ({ word, size: words.length > 1 ? this.guess([word], slotCount) : 0 }))
      .sort((a, b) => a.size - b.size)
      .map(({ word }) => word)
    for (let number = 0; number * ROWS_A_CHUNK < slotCount; number++)
      this.#findIn(this.#chunk(number), number * ROWS_A_CHUNK, rarestFirst, found)
    return found
  }

  #findIn(
    { text, starts }: Chunk,
    firstSlot: number,
    [word, ...others]: readonly string[],
    found: number[],
  ): void {
    if (word === undefined) return
    let index = 0
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, starts[index] ?? text.length)) {
      while ((starts[index + 1] ?? Number.POSITIVE_INFINITY) <= at) index++
      const end = starts[index + 1] ?? text.length
      const start = starts[index] ?? 0
      const hasAll = others.every(other => {
        const place = text.indexOf(other, start)
        return place >= 0 && place < end
      })
      if (hasAll) found.push(firstSlot + index)
      // On with the next row.
      index++
      if (index >= starts.length) return
    }
  }

  #chunk(number: number): Chunk {
    const known = this.#chunks[number]
    if (known !== undefined) return known
    const starts = new Uint32Array(ROWS_A_CHUNK)
    const texts: string[] = []
    let length = 0
    for (let i = 0; i < ROWS_A_CHUNK; i++) {
      const text = this.textOf(number * ROWS_A_CHUNK + i)
      starts[i] = length
      length += text.length + GAP.length
      texts.push(text)
    }
    const chunk = { text: texts.join(GAP), starts }
    this.#chunks[number] = chunk
    this.#made = Math.max(this.#made, number + 1)
    return chunk
  }
}
