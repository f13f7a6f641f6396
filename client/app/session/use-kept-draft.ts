import { useCallback, useState } from 'react'
import { useMyId } from './use-my-id.ts'
import { draftsOf } from './kept-drafts.ts'

/**
 * What is half written here is there again after a reload, on the way back, and when this person is back in this
 * tab, until it is sent. A browser may refuse to keep it.
 */
export const useKeptDraft = (about: string): readonly [string, (text: string) => void] => {
  const key = `${draftsOf(useMyId())}${about}`
  const [draft, setDraft] = useState(() => ({ key, text: read(key) }))
  const change = useCallback(
    (text: string): void => {
      setDraft({ key, text })
      try {
        if (text === '') sessionStorage.removeItem(key)
        else sessionStorage.setItem(key, text)
      } catch {
        // Then it is only on the screen.
      }
    },
    [key],
  )
  return [draft.key === key ? draft.text : read(key), change]
}

const read = (key: string): string => {
  try {
    return sessionStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}
