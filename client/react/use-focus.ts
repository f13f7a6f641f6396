import { useCallback, useEffect, useRef } from 'react'
import type { RecordPresence } from '../record/presence.ts'

/** Says in which field one is. What is gone while one is in it hears of no blur, so it leaves the field as it goes. */
export const useFocus = (presence: RecordPresence | null): ((path: string | null) => void) => {
  const said = useRef<string | null>(null)
  useEffect(() => {
    if (said.current !== null) presence?.focus(said.current)
    return () => {
      if (said.current !== null) presence?.leave(said.current)
    }
  }, [presence])
  return useCallback(
    path => {
      const before = said.current
      said.current = path
      // An editor hears late that it was left: by then one may be in another field.
      if (path === null && before !== null) presence?.leave(before)
      else presence?.focus(path)
    },
    [presence],
  )
}
