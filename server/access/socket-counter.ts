/**
 * How many sockets one address (or one person) has open. `enter` gives the way out, or null when it is full;
 * leaving twice counts once, because sockets end in more than one way.
 */
export interface SocketCounter {
  enter(key: string): (() => void) | null
}

export function createSocketCounter(max: number): SocketCounter {
  const counts = new Map<string, number>()
  return {
    enter(key) {
      const open = counts.get(key) ?? 0
      if (open >= max) return null
      counts.set(key, open + 1)
      let left = false
      return () => {
        if (left) return
        left = true
        const remaining = (counts.get(key) ?? 1) - 1
        if (remaining === 0) counts.delete(key)
        else counts.set(key, remaining)
      }
    },
  }
}
