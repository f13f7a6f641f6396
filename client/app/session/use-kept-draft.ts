import { useCallback, useState } from 'react'
import { ofTab } from './kept.ts'
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
      if (text === '') ofTab.clear(key)
      else ofTab.write(key, text)
    },
    [key],
  )
  return [draft.key === key ? draft.text : read(key), change]
}

const read = (key: string): string => ofTab.read(key) ?? ''
