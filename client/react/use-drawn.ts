import { useCallback, useReducer, useRef } from 'react'

/**
 * A picture is drawn with what the desk has at that moment, and held by who shows it only afterwards. Between the two
 * it may have gone, and another have taken its place: a page that was put away, or that took long to appear. What is
 * held is then not what was drawn, which would never change again; so it is drawn anew.
 */
export const useDrawn = (drawn: unknown): ((held: unknown) => void) => {
  const [, drawAnew] = useReducer((times: number) => times + 1, 0)
  const latest = useRef(drawn)
  latest.current = drawn
  return useCallback((held: unknown) => {
    if (held !== latest.current) drawAnew()
  }, [])
}
