// Typing, between the keys and the record: written after a pause, on Enter and when the field is left, so that a
// word is one edit. Until the field is left it shows what was typed, as it was typed: a number that is written at a
// pause is not made «12,00» while somebody goes on to «12,50». What somebody else writes meanwhile is shown, and does
// not take the words out of one's hands.

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

interface Typed {
  readonly text: string
  readonly isWritten: boolean
}

const PAUSE_MS = 500

/** `write` gives what the field says once what was typed stands in it; null where it can not. */
export const useDraft = (value: string, write: (text: string) => string | null): Draft => {
  const [typed, setTyped] = useState<Typed | null>(null)
  /** What the field said before one typed and what it says since: everything else is somebody else's. */
  const own = useRef<readonly string[]>([value])
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  if (value === own.current.at(-1)) own.current = [value]
  const isTheirs = !own.current.includes(value)
  const draft = typed === null || (typed.isWritten && isTheirs) ? null : typed
  const latest = useRef({ draft, write, value })
  latest.current = { draft, write, value }

  const writeNow = (): void => {
    const said = writeUnwritten(latest.current)
    if (said !== null) own.current = [...own.current, said]
  }
  const commit = (): void => {
    clearTimeout(timer.current)
    writeNow()
    setTyped(null)
  }
  const drop = (): void => {
    clearTimeout(timer.current)
    setTyped(null)
  }
  const pause = useRef(() => {})
  pause.current = () => {
    clearTimeout(timer.current)
    // While somebody else's value waits for an answer, only leaving the field or Enter is one.
    if (draft === null || draft.isWritten || isTheirs) return
    writeNow()
    setTyped({ text: draft.text, isWritten: true })
  }
  // Leaving the page, or the browser, must not lose the last word.
  useEffect(() => {
    const leave = (): void => pause.current()
    const hide = (): void => {
      if (document.hidden) leave()
    }
    // Before the desk is asked whether all is on the device.
    window.addEventListener('beforeunload', leave, { capture: true })
    document.addEventListener('visibilitychange', hide)
    return () => {
      window.removeEventListener('beforeunload', leave, { capture: true })
      document.removeEventListener('visibilitychange', hide)
      clearTimeout(timer.current)
      writeUnwritten(latest.current)
    }
  }, [])
  return {
    text: draft?.text ?? value,
    meanwhile: draft !== null && isTheirs && value !== draft.text ? value : null,
    change(text) {
      if (draft === null) own.current = [value]
      setTyped({ text, isWritten: false })
      clearTimeout(timer.current)
      timer.current = setTimeout(() => pause.current(), PAUSE_MS)
    },
    commit,
    takeTheirs: drop,
    onKeyDown(event) {
      if (event.key === 'Enter' && !event.shiftKey) commit()
      if (event.key === 'Escape') drop()
    },
  }
}

interface Latest {
  readonly draft: Typed | null
  readonly write: (text: string) => string | null
  readonly value: string
}

/** What the field says then; null where there was nothing to write, or it could not be. */
const writeUnwritten = ({ draft, write, value }: Latest): string | null =>
  draft === null || draft.isWritten || draft.text === value ? null : write(draft.text)
