// Re-rendering for what was read and nothing else: a hook gives an object whose properties note that they were
// read, and the component is drawn anew when one of those has another value.

import { useRef, useSyncExternalStore } from 'react'

type Subscribe = (tell: () => void) => () => void

/** Reads a source by the name of what is wanted; names within the view begin with `view.`, the status likewise. */
class Tracker {
  read: (key: string) => unknown = () => undefined
  readonly #seen = new Map<string, unknown>()
  #version = 0

  /**
   * The first of a picture counts: what a part of it reads later, and finds changed already, is news to those parts
   * that were drawn before.
   */
  note(key: string, value: unknown): void {
    if (!this.#seen.has(key)) this.#seen.set(key, value)
  }

  /**
   * Another one for each change, found while a picture is made, too: one that nobody is shown after all must not be what
   * the next change is compared with.
   */
  readonly version = (): number => {
    let isChanged = false
    for (const [key, before] of this.#seen) {
      const now = this.read(key)
      isChanged ||= !isSame(before, now)
      this.#seen.set(key, now)
    }
    if (isChanged) this.#version++
    return this.#version
  }
}

/**
 * `names` are the properties that are tracked; `view` and `status`, where they are, are tracked part by part. `verbs` are
 * functions and never change a picture. `unread` is what a server draws, who has read nothing: with the same the page
 * that it made is taken over, whatever the desk has by then, and drawn anew at once.
 */
export const useTracked = <S extends object>(
  subscribe: Subscribe,
  read: (key: string) => unknown,
  names: readonly (keyof S & string)[],
  verbs: Partial<S>,
  unread: (name: string) => unknown,
): S => {
  const ref = useRef<Tracker | null>(null)
  ref.current ??= new Tracker()
  const tracker = ref.current
  tracker.read = read
  const isUnread = useSyncExternalStore(subscribe, tracker.version, versionOfServer) === UNREAD
  const result: object = { ...verbs }
  for (const name of names) {
    Object.defineProperty(result, name, {
      enumerable: true,
      get: () => {
        if (isUnread) return unread(name)
        const value = read(name)
        if (name === 'view' || name === 'status') {
          // That there is a view, or none, is one thing; what stands in it is another.
          tracker.note(`${name}?`, value !== undefined)
          return trackedParts(name, value, tracker)
        }
        tracker.note(name, value)
        return value
      },
    })
  }
  // Each name got a getter, and each verb stands there: that is S.
  return result as S
}

const UNREAD = -1
const versionOfServer = (): number => UNREAD

const trackedParts = (name: string, whole: unknown, tracker: Tracker): unknown => {
  if (typeof whole !== 'object' || whole === null) return whole
  return new Proxy(whole, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof key === 'string') tracker.note(`${name}.${key}`, value)
      return value
    },
    ownKeys(target) {
      tracker.note(name, whole)
      return Reflect.ownKeys(target)
    },
  })
}

/** Parts of a view keep their identity; what is put together for every asking is compared part by part. */
export const isSame = (a: unknown, b: unknown, depth = 0): boolean => {
  if (Object.is(a, b)) return true
  if (typeof a === 'function' && typeof b === 'function') return depth > 0
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > 3) return false
  if (Object.isFrozen(a) && Object.isFrozen(b) && depth === 0 && !Array.isArray(a)) return false
  // Rows of a list may be ten thousand, and are looked at with every picture.
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => isSame(one, b[i], depth + 1))
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return false
    if (!isSame(a[key as keyof typeof a], b[key as keyof typeof b], depth + 1)) return false
  }
  return true
}
