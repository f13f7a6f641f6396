import { type ReactNode, useEffect, useRef } from 'react'
import './state.css'

interface JustChangedProps {
  /** What to watch; a change is shown by a short breath of colour. Undefined while it is not known: that is none. */
  readonly of: unknown
  readonly children: ReactNode
  readonly className?: string
}

export const JustChanged = ({ of, children, className = '' }: JustChangedProps) => {
  const ref = useRef<HTMLSpanElement>(null)
  const before = useRef(of)
  useEffect(() => {
    const element = ref.current
    if (element === null || Object.is(before.current, of)) return undefined
    const isFirst = before.current === undefined
    before.current = of
    if (isFirst) return undefined
    element.classList.remove('just-changed')
    // Read, so that the browser notices that the class was away.
    void element.offsetWidth
    element.classList.add('just-changed')
    return undefined
  }, [of])
  return (
    <span ref={ref} className={className}>
      {children}
    </span>
  )
}
