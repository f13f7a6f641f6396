import { readFileSync } from 'node:fs'

/** What the database, files and requests may need beside the sockets; of a small number, a quarter. */
const RESERVE = 1_500
const RESERVE_MIN = 64

/** How many files and sockets this process may have open at once; null where the system does not say. */
export function openFilesMax(): number | null {
  try {
    const [, max] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return max === undefined ? null : Number(max)
  } catch {
    return null
  }
}

/** How many sockets leave room for what has to be opened besides them. */
export function socketsThatFit(openFiles: number | null): number {
  if (openFiles === null) return Number.POSITIVE_INFINITY
  return openFiles - Math.max(RESERVE_MIN, Math.min(RESERVE, Math.floor(openFiles / 4)))
}
