import { useEffect, useState } from 'react'
import { useDesk } from '../../react/index.ts'

/** Server time, as often as the text that shows it changes. */
export const useNow = (everyMs = 15_000): number => {
  const desk = useDesk()
  const [now, setNow] = useState(() => Math.floor(desk.clock.now()))
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(desk.clock.now())), everyMs)
    return () => clearInterval(timer)
  }, [desk, everyMs])
  return now
}
