// A scanner types where the focus is, and ends a code with Enter. On a page where nobody waits for codes it would press
// whatever button or link has the focus.

import { useEffect } from 'react'

/** A scanner by radio is as slow as fingers; but fingers write no word on a button, and then press it at once. */
const FORGET_AFTER_MS = 400
const CODE_LENGTH = 4

export const useStrayScan = (): void => {
  useEffect(() => {
    let length = 0
    let last = 0
    const onKey = (event: KeyboardEvent): void => {
      if (event.timeStamp - last > FORGET_AFTER_MS) length = 0
      last = event.timeStamp
      if (event.ctrlKey || event.altKey || event.metaKey || isWrittenIn(event.target)) length = 0
      else if (event.key === 'Enter' && length >= CODE_LENGTH) {
        event.preventDefault()
        event.stopPropagation()
        length = 0
      } else if (event.key.length === 1 && (event.key !== ' ' || length > 0)) {
        // Within a code a space is no press on a button either; no code begins with one.
        if (event.key === ' ') event.preventDefault()
        length += 1
      }
    }
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [])
}

const isWrittenIn = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
