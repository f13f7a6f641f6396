/**
 * Work that is told to end by any of the signals, for its reason, or after so long, as a `TimeoutError`. What
 * `AbortSignal.any` makes of an `AbortSignal.timeout` would do, if it did not forget the time once it is collected.
 */
export const within = async <T>(
  ms: number,
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const ended = new AbortController()
  const done = new AbortController()
  const timer = setTimeout(() => ended.abort(new DOMException('it took too long', 'TimeoutError')), ms)
  for (const signal of signals) {
    signal.addEventListener('abort', () => ended.abort(signal.reason), { signal: done.signal })
    if (signal.aborted) ended.abort(signal.reason)
  }
  try {
    return await work(ended.signal)
  } finally {
    clearTimeout(timer)
    done.abort()
  }
}
