/**
 * Sorts without holding up whoever else has something to do: some thousand at a time, then merged a piece at a
 * time. What is compared must not change meanwhile.
 */
const RUN = 8_192
const MERGED_AT_ONCE = 32_768

export const slicedSort = async (
  items: Uint32Array,
  compare: (a: number, b: number) => number,
  pause: () => Promise<void>,
): Promise<Uint32Array> => {
  let from: Uint32Array = items
  for (let start = 0; start < from.length; start += RUN) {
    from.subarray(start, start + RUN).sort(compare)
    await pause()
  }
  let into: Uint32Array = new Uint32Array(from.length)
  let sincePause = 0
  for (let run = RUN; run < from.length; run *= 2) {
    for (let start = 0; start < from.length; start += 2 * run) {
      const middle = Math.min(start + run, from.length)
      const end = Math.min(start + 2 * run, from.length)
      let [left, right] = [start, middle]
      for (let at = start; at < end; at++) {
        const a = from[left] as number
        const b = from[right] as number
        const takesLeft = left < middle && (right >= end || compare(a, b) <= 0)
        into[at] = takesLeft ? a : b
        if (takesLeft) left++
        else right++
        if (++sincePause >= MERGED_AT_ONCE) {
          sincePause = 0
          await pause()
        }
      }
    }
    ;[from, into] = [into, from]
  }
  return from
}
