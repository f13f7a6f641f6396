import { useEffect } from 'react'

const GIVEN_BACK_MS = 50

/**
 * What has the keyboard may go from the screen under the person's hands: a page that is left, an entry that is taken
 * out. The browser would then begin from the top of everything; here it goes on in the dialog or page that stays.
 */
export const useKeptFocus = (): void => {
  useEffect(() => {
    let last: Element | null = null
    let home: HTMLElement | null = null
    const onFocus = ({ target }: FocusEvent): void => {
      last = target instanceof Element ? target : null
      home = last?.closest<HTMLElement>('[role="dialog"]') ?? null
    }
    const takeUp = (): void => {
      if (document.activeElement !== document.body) return
      const stays = home?.isConnected === true ? home : document.getElementById('content')
      stays?.focus({ preventScroll: true })
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
