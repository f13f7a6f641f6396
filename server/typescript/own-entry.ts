import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)

/**
 * `corecord/…` is the package that runs, wherever the file that imports it lies: its record types are for this server,
 * and a second copy beside it would be a second Yjs. Null for every other name.
 */
export function ownEntry(specifier: string): string | null {
  return /^corecord\/\w+$/.test(specifier) ? pathToFileURL(require.resolve(specifier)).href : null
}
