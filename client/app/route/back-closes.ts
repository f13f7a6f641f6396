// The way back closes what lies over the page before it leaves the page. Each dialog that is open stands in the
// browser's history as an entry more, of the same address; whoever closes it otherwise takes that away again.

import { useEffect, useEffectEvent } from 'react'

interface Over {
  readonly close: () => void
}

const open: Over[] = []
let isGoingBack = false

/** How many dialogs were open where the history stands. */
const depth = (): number => {
  const state: unknown = history.state
  return typeof state === 'number' ? state : 0
}

export const useBackCloses = (isOpen: boolean, onClose: () => void): void => {
  const close = useEffectEvent(onClose)
  useEffect(() => {
    // In a frame the way back is that of the whole page.
    if (!isOpen || window.parent !== window) return undefined
    const over: Over = { close: () => close() }
    open.push(over)
    setTimeout(settle)
    return () => {
      const place = open.indexOf(over)
      if (place < 0) return
      open.splice(place, 1)
      // Where one goes on to another page, or another dialog comes in its place, that takes the entry.
      setTimeout(settle)
    }
  }, [isOpen])
}

const settle = (): void => {
  if (isGoingBack) return
  const before = depth()
  if (before > open.length) {
    isGoingBack = true
    history.go(open.length - before)
  } else for (let i = before + 1; i <= open.length; i++) history.pushState(i, '')
}

addEventListener('popstate', () => {
  if (isGoingBack) {
    isGoingBack = false
    settle()
    return
  }
  while (open.length > depth()) open.pop()?.close()
  settle()
})

// Of what was open when the page was loaded anew only the entries are left.
if (window.parent === window) settle()
