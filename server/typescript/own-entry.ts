import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * `corecord/…` is the package that runs, wherever the file that imports it lies: its record types are for this server,
 * and a second copy beside it would be a second Yjs. Asked for before hooks are registered, since newer Nodes put
 * `require.resolve` to those as well.
 */
export function ownEntries(): ReadonlyMap<string, string> {
  const require = createRequire(import.meta.url)
  const { exports }: { readonly exports: object } = require('corecord/package.json')
  const names = Object.keys(exports).filter(name => /^\.\/\w+$/.test(name))
  return new Map(
    names.map(name => {
      const entry = `corecord${name.slice(1)}`
      return [entry, pathToFileURL(require.resolve(entry)).href]
    }),
  )
}
