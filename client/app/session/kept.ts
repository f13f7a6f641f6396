// The few things that this device, and each of its tabs, remember of who uses it. A browser may refuse to keep anything,
// and some throw then where its storage is only named.

const memoryIn = (storage: () => Storage) => ({
  read: (key: string): string | null => {
    try {
      return storage().getItem(key)
    } catch {
      return null
    }
  },
  write: (key: string, value: string): void => {
    try {
      storage().setItem(key, value)
    } catch {
      // Then it holds until the page is closed, or is asked again.
    }
  },
  clear: (key: string): void => {
    try {
      storage().removeItem(key)
    } catch {
      // Nothing was kept.
    }
  },
})

export const ofDevice = memoryIn(() => localStorage)
export const ofTab = memoryIn(() => sessionStorage)

type Key = 'person' | 'token' | 'demo people' | 'push'

export const keyOf = (key: Key): string => `corecord ${key}`

export const kept = (key: Key): string | null => ofDevice.read(keyOf(key))

export const keep = (key: Key, value: string): void => ofDevice.write(keyOf(key), value)

export const forget = (key: Key): void => ofDevice.clear(keyOf(key))
