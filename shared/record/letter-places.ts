/** By their ids: so many UTF-16 units, each of the next clock. */
export type Letters = readonly (readonly [client: number, clock: number, length: number])[]

/** Where letters stood in a text. */
export class LetterPlaces {
  readonly length: number
  readonly #byClient = new Map<number, Place[]>()

  constructor(letters: Letters) {
    let at = 0
    for (const [client, from, length] of letters) {
      const runs = this.#byClient.get(client)
      const run: Place = [from, from + length, at]
      if (runs === undefined) this.#byClient.set(client, [run])
      else runs.push(run)
      at += length
    }
    for (const runs of this.#byClient.values()) runs.sort(([one], [other]) => one - other)
    this.length = at
  }

  /** Of these clocks, in pieces; null: it did not stand there. */
  *between(client: number, from: number, to: number): Generator<Place<number | null>> {
    const runs = this.#byClient.get(client) ?? []
    let next = from
    for (let i = firstEndingAfter(runs, from); next < to; i++) {
      const [start, end, at] = runs[i] ?? [to, to, 0]
      if (start > next) yield [next, Math.min(start, to), null]
      if (start >= to) return
      const first = Math.max(start, next)
      next = Math.min(end, to)
      yield [first, next, at + first - start]
    }
  }
}

type Place<At = number> = readonly [from: number, to: number, at: At]

export const firstEndingAfter = (
  units: readonly (readonly [from: number, to: number, ...unknown[]])[],
  place: number,
): number => {
  let low = 0
  let high = units.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((units[middle]?.[1] ?? 0) <= place) low = middle + 1
    else high = middle
  }
  return low
}
