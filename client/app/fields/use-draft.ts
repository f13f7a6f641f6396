// Typing, between the keys and the record: written after a pause, on Enter and when the field is left, so that a
// word is one edit; what somebody else writes meanwhile is shown and does not take the words out of one's hands.

import { type KeyboardEvent, useEffect, useRef, useState } from 'react'

export interface Draft {
  readonly text: string
  /** What the field became while one was typing; null when it did not. */
  readonly meanwhile: string | null
  readonly change: (text: string) => void
  readonly commit: () => void
  readonly takeTheirs: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

const PAUSE_MS = 500

export const useDraft = (value: string, write: (text: string) => void): Draft => {
  const [draft, setDraft] = useState<string | null>(null)
  const base = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const latest = useRef({ draft, write, value })
  latest.current = { draft, write, value }

  const commit = (): void => {
    clearTimeout(timer.current)
    const { draft: text, write: writeNow, value: shown } = latest.current
    if (text === null) return
    if (text !== shown) writeNow(text)
    base.current = text
    setDraft(null)
  }
  // Leaving the page must not lose the last word.
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      const { draft: text, write: writeNow, value: shown } = latest.current
      if (text !== null && text !== shown) writeNow(text)
    },
    [],
  )
  return {
    text: draft ?? value,
    meanwhile: draft !== null && value !== base.current && value !== draft ? value : null,
    change(text) {
      if (draft === null) base.current = value
      setDraft(text)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        // While somebody else's value waits for an answer, only leaving the field or Enter is one.
        if (latest.current.value === base.current) commitKeepingFocus()
      }, PAUSE_MS)
    },
    commit,
    takeTheirs() {
      clearTimeout(timer.current)
      setDraft(null)
    },
    onKeyDown(event) {
      if (event.key === 'Enter' && !event.shiftKey) commit()
      if (event.key === 'Escape') {
        clearTimeout(timer.current)
        setDraft(null)
      }
    },
  }

  function commitKeepingFocus(): void {
    const { draft: text, write: writeNow, value: shown } = latest.current
    if (text === null || text === shown) return
    writeNow(text)
    base.current = text
    setDraft(null)
  }
}
