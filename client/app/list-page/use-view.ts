import { useState } from 'react'
import { useMyId } from '../session/use-my-id.ts'

const views = new Map<string, unknown>()

/**
 * How somebody looks at a list, by what it is filtered and ordered, is so again when they are back from a record of it,
 * for as long as the page is open.
 */
export const useView = <V>(list: string, first: V): readonly [V, (view: V) => void] => {
  const key = `${useMyId()} ${list}`
  // Under its name lies what this very hook wrote.
  const [view, setView] = useState(() => (views.has(key) ? (views.get(key) as V) : first))
  const change = (next: V): void => {
    views.set(key, next)
    setView(next)
  }
  return [view, change]
}
