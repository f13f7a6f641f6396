// A scanner at the keyboard port types a code and presses Enter, wherever the focus is. What is typed into another
// field is that field's own.

import { useEffect, useRef } from 'react'

/** A person at a keyboard is slower than this, and types into the field that is there for it. */
const FORGET_AFTER_MS = 400

export const useScanner = (onCode: (code: string) => void): void => {
  const latest = useRef(onCode)
  latest.current = onCode
  useEffect(() => {
    let typed = ''
    let last = 0
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || isEditable(event.target)) return
      if (event.timeStamp - last > FORGET_AFTER_MS) typed = ''
      last = event.timeStamp
      if (event.key === 'Enter' || event.key === 'Tab') {
        if (typed.length < 2) return
        // It was no press on the button that happens to have the focus.
        event.preventDefault()
        event.stopPropagation()
        latest.current(typed)
        typed = ''
      } else if (event.key.length === 1) typed += event.key
    }
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [])
}

const isEditable = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
