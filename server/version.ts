import { readFileSync } from 'node:fs'

/** From the package itself, which lies a folder up from the source and two from the compiled file. */
export const version = readVersion()

function readVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const read: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (typeof read === 'object' && read !== null && 'version' in read) return String(read.version)
    } catch {
      // Not this one: the other place is tried.
    }
  }
  return '0.0.0'
}
