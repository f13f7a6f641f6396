import { useEffect, useState } from 'react'
import { useDesk } from '../../react/index.ts'

/** Server time, as often as the text that shows it changes, and as soon as a page that slept is looked at again. */
export const useNow = (everyMs = 15_000): number => {
  const desk = useDesk()
  const [now, setNow] = useState(() => Math.floor(desk.clock.now()))
  useEffect(() => listen(everyMs, () => setNow(Math.floor(desk.clock.now()))), [desk, everyMs])
  return now
}

type Tell = () => void

/** One timer for each pace: six hundred texts are drawn anew once, not each by itself. */
const clocks = new Map<number, Set<Tell>>()

const listen = (everyMs: number, tell: Tell): (() => void) => {
  const told = clocks.get(everyMs) ?? start(everyMs)
  told.add(tell)
  return () => told.delete(tell)
}

const start = (everyMs: number): Set<Tell> => {
  const told = new Set<Tell>()
  clocks.set(everyMs, told)
  const tick = (): void => {
    for (const tell of told) tell()
  }
  setInterval(tick, everyMs)
  document.addEventListener('visibilitychange', tick)
  return told
}
