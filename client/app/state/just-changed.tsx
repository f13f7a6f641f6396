import { type ReactNode, useEffect, useRef } from 'react'
import './state.css'

interface JustChangedProps {
  /** What to watch; a change after the first picture is shown by a short breath of colour. */
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
    before.current = of
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
