// Chance that can be repeated: everything a simulated history does is drawn from one seed.

export interface Random {
  /** From 0 up to, not including, `end`. */
  below(end: number): number
  chance(probability: number): boolean
  /** One of them; they must not be none. */
  pick<T>(items: readonly T[]): T
}

/** Mulberry32: 32 bits of state are plenty for histories of some hundred steps. */
export const createRandom = (seed: number): Random => {
  let state = (seed ^ 0x9e3779b9) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 4; i++) next()
  const below = (end: number): number => Math.floor(next() * end)
  return {
    below,
    chance: probability => next() < probability,
    pick: items => {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('there is nothing to pick from')
      return item
    },
  }
}
