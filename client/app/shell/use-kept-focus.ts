import { useEffect } from 'react'

const GIVEN_BACK_MS = 50

/**
 * What has the keyboard may go from the screen under the person's hands: a page that is left, an entry that is taken
 * out. The browser would then begin from the top of everything; here it goes on in the dialog that stays, at what
 * opened the one that closed, or in the page.
 */
export const useKeptFocus = (): void => {
  useEffect(() => {
    let last: HTMLElement | null = null
    let home: HTMLElement | null = null
    const openers = new WeakMap<HTMLElement, HTMLElement>()
    const onFocus = ({ target }: FocusEvent): void => {
      const before = last
      last = target instanceof HTMLElement ? target : null
      home = last?.closest<HTMLElement>('[role="dialog"]') ?? null
      if (home === null || home.contains(before) || openers.has(home)) return
      if (before !== null) openers.set(home, before)
    }
    const takeUp = (): void => {
      const places = [home, home === null ? null : openers.get(home), document.getElementById('content')]
      for (const place of places) {
        if (document.activeElement !== document.body) return
        if (place?.isConnected === true) place.focus({ preventScroll: true })
      }
    }
    const observer = new MutationObserver(() => {
      if (last === null || last.isConnected) return
      last = null
      // A dialog that closes gives it back to its button, if that is still there, and does so first.
      setTimeout(takeUp, GIVEN_BACK_MS)
    })
    addEventListener('focusin', onFocus)
    observer.observe(document.body, { subtree: true, childList: true })
    return () => {
      removeEventListener('focusin', onFocus)
      observer.disconnect()
    }
  }, [])
}
