/** The array, or one twice as long with the same in it, so that there is a place for the slot. */
export const roomFor = <T extends Uint32Array | Float64Array>(array: T, slot: number, filler = 0): T => {
  if (slot < array.length) return array
  const length = Math.max(1024, array.length * 2, slot + 1)
  const larger = array instanceof Uint32Array ? new Uint32Array(length) : new Float64Array(length)
  larger.set(array)
  if (filler !== 0) larger.fill(filler, array.length)
  // It is of the kind that it was made from.
  return larger as T
}
