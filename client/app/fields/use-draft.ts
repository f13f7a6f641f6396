// Typing, between the keys and the record: written after a pause, on Enter and when the field is left, so that a
// word is one edit. Until the field is left it shows what was typed, as it was typed: a number that is written at a
// pause is not made «12,00» while somebody goes on to «12,50». Escape gives back what stood there before. What somebody
// else writes meanwhile is shown, and does not take the words out of one's hands. What could not be written is said when
// the field is left, or goes from the screen with the line that it is in: it stands nowhere else.

import { type KeyboardEvent, useRef, useState } from 'react'
import { sayUnwritten } from '../record-page/say-trouble.ts'
import { useAppWords } from '../words/app-words.ts'
import { useLeaving } from './use-leaving.ts'

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
  readonly state: 'typed' | 'written' | 'refused'
}

const PAUSE_MS = 500

/**
 * `write` gives what the field says once what was typed stands in it; null where it can not, as `whyNot` says of what is
 * nothing that this field could hold.
 */
export const useDraft = (
  value: string,
  write: (text: string) => string | null,
  whyNot: (text: string) => string | null = () => null,
): Draft => {
  const words = useAppWords()
  const [typed, setTyped] = useState<Typed | null>(null)
  /** What the field said before one typed and what it says since: everything else is somebody else's. */
  const own = useRef<readonly string[]>([value])
  /** What Escape gives back, also after a pause has written. */
  const before = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  if (value === own.current.at(-1)) own.current = [value]
  const isTheirs = !own.current.includes(value)
  const draft = typed === null || (typed.state === 'written' && isTheirs) ? null : typed
  const latest = useRef({ draft, write, value, whyNot, words })
  latest.current = { draft, write, value, whyNot, words }

  const writeNow = (): string | null | undefined => {
    const said = writeTyped(latest.current)
    if (typeof said === 'string') own.current = [...own.current, said]
    return said
  }
  const commit = (): void => {
    clearTimeout(timer.current)
    if (writeNow() === null) sayWhatIsLost(latest.current, words.leftUnsaved)
    setTyped(null)
  }
  const drop = (): void => {
    clearTimeout(timer.current)
    setTyped(null)
  }
  const giveBack = (): void => {
    const said = draft === null || isTheirs || value === before.current ? null : write(before.current)
    if (said !== null) own.current = [...own.current, said]
    drop()
  }
  const pause = useRef(() => {})
  pause.current = () => {
    clearTimeout(timer.current)
    // While somebody else's value waits for an answer, only leaving the field or Enter is one.
    if (draft?.state !== 'typed' || isTheirs) return
    setTyped({ text: draft.text, state: writeNow() === null ? 'refused' : 'written' })
  }
  useLeaving(
    () => pause.current(),
    () => {
      clearTimeout(timer.current)
      const { draft, words } = latest.current
      if (writeTyped(latest.current) === null)
        sayWhatIsLost(latest.current, draft?.state === 'typed' ? words.placeGone : words.leftUnsaved)
    },
  )
  return {
    text: draft?.text ?? value,
    meanwhile: draft !== null && isTheirs && value !== draft.text ? value : null,
    change(text) {
      if (draft === null) {
        own.current = [value]
        before.current = value
      }
      setTyped({ text, state: 'typed' })
      clearTimeout(timer.current)
      timer.current = setTimeout(() => pause.current(), PAUSE_MS)
    },
    commit,
    takeTheirs: drop,
    onKeyDown(event) {
      if (event.key === 'Enter' && !event.shiftKey) commit()
      if (event.key === 'Escape') giveBack()
    },
  }
}

interface Latest {
  readonly draft: Typed | null
  readonly write: (text: string) => string | null
  readonly value: string
  readonly whyNot: (text: string) => string | null
  readonly words: { readonly leftUnsaved: string; readonly placeGone: string }
}

/** What the field says then; null where what was typed could not be written, and nothing where there is nothing. */
const writeTyped = ({ draft, write, value }: Latest): string | null | undefined => {
  if (draft === null || draft.state === 'written' || draft.text === value) return undefined
  return draft.state === 'refused' ? null : write(draft.text)
}

const sayWhatIsLost = ({ draft, whyNot }: Latest, otherwise: string): void => {
  // Of half a date a browser does not even say the half.
  if (draft !== null && draft.text !== '') sayUnwritten(draft.text, whyNot(draft.text) ?? otherwise)
}
