import { type RefObject, useCallback, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { BLOCK } from './far-lines.tsx'

export const ROW_PX = 38
const OVERSCAN = 8
const SHOWN_AT_FIRST = 40

interface ShownRows {
  readonly range: { readonly first: number; readonly last: number }
  /** Looks anew, as after the grid was scrolled. */
  readonly look: (element: HTMLElement) => void
}

/** The rows that are on the screen and a few more, in whole blocks; for paper all of them. */
export const useShownRows = (scroller: RefObject<HTMLElement | null>): ShownRows => {
  const [range, setRange] = useState({ first: 0, last: SHOWN_AT_FIRST })
  const look = useCallback((element: HTMLElement): void => {
    const top = Math.max(0, element.scrollTop / ROW_PX - OVERSCAN)
    const bottom = (element.scrollTop + element.clientHeight) / ROW_PX + OVERSCAN
    const first = Math.floor(top / BLOCK) * BLOCK
    const last = Math.ceil(bottom / BLOCK) * BLOCK
    setRange(now => (now.first === first && now.last === last ? now : { first, last }))
  }, [])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    look(element)
    const observer = new ResizeObserver(() => look(element))
    observer.observe(element)
    // What is printed is whole; the browser takes the page as it stands when it has said so.
    const whole = (): void => flushSync(() => setRange({ first: 0, last: Number.POSITIVE_INFINITY }))
    const part = (): void => look(element)
    addEventListener('beforeprint', whole)
    addEventListener('afterprint', part)
    return () => {
      observer.disconnect()
      removeEventListener('beforeprint', whole)
      removeEventListener('afterprint', part)
    }
  }, [look, scroller])
  return { range, look }
}
