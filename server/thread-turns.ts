// Node has four threads for what takes long, and LevelDB writes and reads on them too. Of answers of megabytes that are
// compressed at the same time there are no more than leave some of them: else each commit would wait behind all that
// were asked for before it.

const AT_ONCE = 2
/** What is smaller is done in a millisecond or two. */
const LARGE_BYTES = 256 * 1024

let running = 0
const waiting: (() => void)[] = []

/** Runs work on so many bytes, in the order of asking. */
export const onThread = async <T>(bytes: number, work: () => Promise<T>): Promise<T> => {
  if (bytes < LARGE_BYTES) return work()
  if (running === AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
  else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}
