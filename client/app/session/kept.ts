// The few things that this device remembers about who uses it. A browser may refuse to keep anything.

type Key = 'person' | 'token' | 'demo people' | 'push'

export const keyOf = (key: Key): string => `corecord ${key}`

export const kept = (key: Key): string | null => {
  try {
    return localStorage.getItem(keyOf(key))
  } catch {
    return null
  }
}

export const keep = (key: Key, value: string): void => {
  try {
    localStorage.setItem(keyOf(key), value)
  } catch {
    // Then it is asked again next time.
  }
}

export const forget = (key: Key): void => {
  try {
    localStorage.removeItem(keyOf(key))
  } catch {
    // Nothing was kept.
  }
}
