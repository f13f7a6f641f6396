/**
 * One number for what a link shows: the commit number of every open channel, the version of every list. Both
 * sides compute it at the same place in the stream of frames, so it differs only where something was lost. The
 * order of the pairs does not matter.
 */
export const linkDigest = (pairs: Iterable<readonly [id: number, version: number]>): number => {
  let sum = 0
  for (const [id, version] of pairs) sum = (sum + mixed(id, version)) >>> 0
  return sum
}

/** Spreads the bits, so that a version one up on one channel and one down on another does not cancel out. */
const mixed = (id: number, version: number): number => {
  let hash = Math.imul(id >>> 0, 0x9e3779b1) ^ Math.imul(version >>> 0, 0x85ebca6b)
  // Versions may exceed 32 bits.
  hash ^= Math.imul(Math.floor(version / 0x1_0000_0000), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}
