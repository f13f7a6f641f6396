// A scanner at the keyboard port types a code and presses Enter, wherever the focus is. What is typed into another
// field is that field's own, but for a code that comes while the focus is in a number, too fast for fingers, or as no
// quantity is written, or that is on the list: it is scanned, and the number stays what it was.

import { useEffect, useRef } from 'react'

/** A person at a keyboard is slower than this, and types into the field that is there for it. */
const FORGET_AFTER_MS = 400
/** No fingers write four figures this close to each other. */
const SCANNED_MS = 35
const SCANNED_LENGTH = 4
/** A scanner by radio is as slow as fingers; but nobody picks ten thousand of anything, nor letters. */
const NO_QUANTITY = /\d{5}|[^\d.,-]/

export const useScanner = (
  onCode: (code: string) => void,
  isCode: (typed: string) => boolean = () => false,
): void => {
  const latest = useRef({ onCode, isCode })
  latest.current = { onCode, isCode }
  useEffect(() => {
    let typed = ''
    let last = 0
    let isFast = true
    /** What a number said before a code was scanned into it. */
    let before = ''
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey) return
      const isNumber = isNumberField(event.target)
      if (!isNumber && isEditable(event.target)) return
      const since = event.timeStamp - last
      if (since > FORGET_AFTER_MS) typed = ''
      isFast = typed === '' || (isFast && since <= SCANNED_MS)
      if (typed === '' && isNumber) before = event.target.value
      last = event.timeStamp
      if (event.key === 'Enter' || event.key === 'Tab') {
        if (
          typed.length < (isNumber ? SCANNED_LENGTH : 2) ||
          (isNumber && !isFast && !NO_QUANTITY.test(typed) && !latest.current.isCode(typed))
        )
          return
        // It was no press on the button that happens to have the focus.
        event.preventDefault()
        event.stopPropagation()
        if (isNumber) putBack(event.target, before)
        latest.current.onCode(typed)
        typed = ''
      } else if (event.key.length === 1 && (event.key !== ' ' || typed !== '')) {
        // Within a code a space is no press on a button either; no code begins with one.
        if (event.key === ' ' && !isNumber) event.preventDefault()
        typed += event.key
      }
    }
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [])
}

/** Where figures alone are written, which a code would be taken for. */
const isNumberField = (target: EventTarget | null): target is HTMLInputElement =>
  target instanceof HTMLInputElement && (target.inputMode === 'decimal' || target.inputMode === 'numeric')

/** As a person would: React hears of a value that is set past it only by the event. */
const putBack = (input: HTMLInputElement, value: string): void => {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, value)
  input.dispatchEvent(new Event('input', { bubbles: true }))
}

const isEditable = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
