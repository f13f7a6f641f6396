import { useEffect } from 'react'

const GIVEN_BACK_MS = 50

/**
 * What has the keyboard may go from the screen under the person's hands: a page that is left, an entry that is taken
 * out, a conflict that is settled. The browser would then begin from the top of everything; here it goes on in the field
 * or the entry that it stood in, in the entry that stands there now, in the dialog that stays, at what opened the one
 * that closed, or in the page. An entry takes it as a whole: the key that is still down, or pressed twice, presses
 * nothing in it, and no word is typed on in the next line's field.
 */
export const useKeptFocus = (): void => {
  useEffect(() => {
    let last: Place | null = null
    let home: HTMLElement | null = null
    const openers = new WeakMap<HTMLElement, Place>()
    const onFocus = ({ target }: FocusEvent): void => {
      const before = last
      last = target instanceof HTMLElement ? placeOf(target) : null
      home = last?.element.closest<HTMLElement>('[role="dialog"]') ?? null
      if (home === null || (before !== null && home.contains(before.element)) || openers.has(home)) return
      if (before !== null) openers.set(home, before)
    }
    const takeUp = (lost: Place, next: HTMLElement | null): void => {
      const opener = home === null ? undefined : openers.get(home)
      const places = [
        around(lost),
        next,
        home,
        opener?.element,
        opener && around(opener),
        document.getElementById('content'),
      ]
      for (const place of places) {
        if (document.activeElement !== document.body) return
        if (place?.isConnected === true) focusOn(place)
      }
    }
    const observer = new MutationObserver(changes => {
      const lost = last
      if (lost === null || lost.element.isConnected) return
      last = null
      const next = nextEntry(changes, lost.element)
      // A dialog that closes gives it back to its button, if that is still there, and does so first.
      setTimeout(() => takeUp(lost, next), GIVEN_BACK_MS)
    })
    addEventListener('focusin', onFocus)
    observer.observe(document.body, { subtree: true, childList: true })
    return () => {
      removeEventListener('focusin', onFocus)
      observer.disconnect()
    }
  }, [])
}

interface Place {
  readonly element: HTMLElement
  /** The field, or the entry, that it stands in; from within outwards. */
  readonly within: readonly HTMLElement[]
}

const ENTRY = 'li, tr'
const WITHIN = `.field, [role="gridcell"], ${ENTRY}`

const placeOf = (element: HTMLElement): Place => {
  const within: HTMLElement[] = []
  let part = element.parentElement?.closest<HTMLElement>(WITHIN) ?? null
  while (part !== null) {
    within.push(part)
    part = part.parentElement?.closest<HTMLElement>(WITHIN) ?? null
  }
  return { element, within }
}

const around = ({ within }: Place): HTMLElement | null => within.find(part => part.isConnected) ?? null

/** What stands where the entry stood that went; of the last one, what stood before it. */
const nextEntry = (changes: readonly MutationRecord[], lost: HTMLElement): HTMLElement | null => {
  for (const { removedNodes, nextSibling, previousSibling } of changes) {
    const entry = [...removedNodes].find(node => node.contains(lost))
    if (!(entry instanceof HTMLElement) || !entry.matches(ENTRY)) continue
    for (let node = nextSibling; node !== null; node = node.nextSibling)
      if (node instanceof HTMLElement && node.matches(ENTRY)) return node
    for (let node = previousSibling; node !== null; node = node.previousSibling)
      if (node instanceof HTMLElement && node.matches(ENTRY)) return node
  }
  return null
}

const focusOn = (place: HTMLElement): void => {
  const control = place.matches('.field') ? place.querySelector<HTMLElement>('input, select, textarea') : null
  const target = control ?? place
  if (target.tabIndex < 0 && !target.hasAttribute('tabindex')) {
    target.tabIndex = -1
    target.addEventListener('blur', () => target.removeAttribute('tabindex'), { once: true })
  }
  target.focus({ preventScroll: true })
}
