import { type RefObject, useEffect, useState } from 'react'

const DRAWN_AT_ONCE = 60

/**
 * A line that nobody has come near is text: two thousand lines of fields are half a minute before one sees the first.
 */
export const useNear = (row: RefObject<HTMLElement | null>, index: number, isWanted = false): boolean => {
  const [isNear, setIsNear] = useState(index < DRAWN_AT_ONCE)
  if (isWanted && !isNear) setIsNear(true)
  useEffect(() => {
    const element = row.current
    return element === null || isNear ? undefined : whenNear(element, () => setIsNear(true))
  }, [row, isNear])
  return isNear
}

const waiting = new WeakMap<Element, () => void>()
const observer = new IntersectionObserver(
  seen => {
    for (const { target, isIntersecting } of seen) if (isIntersecting) waiting.get(target)?.()
  },
  // Whoever scrolls or tabs on finds the next ones there.
  { rootMargin: '600px 0px' },
)

const whenNear = (element: Element, tell: () => void): (() => void) => {
  waiting.set(element, tell)
  observer.observe(element)
  return () => observer.unobserve(element)
}
