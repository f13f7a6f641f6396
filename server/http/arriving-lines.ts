import { ArrivingText, NOT_UTF8 } from './utf8.ts'

export interface ArrivingLine {
  /** From 1; empty lines count, and are not told. */
  readonly number: number
  readonly text: string
  /** Why it is not to be read: a sentence. */
  readonly problem: string | null
}

/** Lines as they come, however the pieces are cut. Of one that is too long nothing is kept, and the next one is told. */
export async function* arrivingLines(
  source: AsyncIterable<Uint8Array>,
  lineCharsMax: number,
): AsyncGenerator<ArrivingLine> {
  const arriving = new ArrivingText()
  let number = 0
  let pieces: string[] = []
  let chars = 0
  const add = (piece: string): void => {
    chars += piece.length
    if (chars <= lineCharsMax) pieces.push(piece)
    else pieces = []
  }
  function* end(): Generator<ArrivingLine> {
    number++
    const text = pieces.join('')
    if (chars > lineCharsMax) yield { number, text, problem: 'A line is too long.' }
    else if (text.trim() !== '') yield { number, text, problem: arriving.isDamaged(text) ? NOT_UTF8 : null }
    pieces = []
    chars = 0
  }
  for await (const chunk of source) {
    for (const [i, piece] of arriving.take(chunk).split('\n').entries()) {
      if (i > 0) yield* end()
      add(piece)
    }
  }
  add(arriving.take())
  yield* end()
}
