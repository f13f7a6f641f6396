const AGAIN_MS = 5_000

const loaded = new Promise<void>(done => {
  if (document.readyState === 'complete') done()
  else addEventListener('load', () => done(), { once: true })
})

/** A part that the first page does without: fetched behind it, and again until it comes. */
export const afterStart = async <T>(fetch: () => Promise<T>): Promise<T> => {
  await loaded
  for (;;) {
    try {
      return await fetch()
    } catch {
      // There is no network, and perhaps not for long.
      await new Promise(done => setTimeout(done, AGAIN_MS))
    }
  }
}
