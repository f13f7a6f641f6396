/** So long after the first page stands there: what it still has to do goes first. */
const BEHIND_MS = 500
const AGAIN_MS = 5_000

let start = (): void => {}
const started = new Promise<void>(done => {
  start = done
})

/** The first page stands there, whatever it is. */
export const hasStarted = (): void => {
  setTimeout(start, BEHIND_MS)
}

/** A part that the first page does without: fetched behind it, and again until it comes. */
export const afterStart = async <T>(fetch: () => Promise<T>): Promise<T> => {
  await started
  for (;;) {
    try {
      return await fetch()
    } catch {
      // There is no network, and perhaps not for long.
      await new Promise(done => setTimeout(done, AGAIN_MS))
    }
  }
}
