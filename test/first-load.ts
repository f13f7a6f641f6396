// What script the start page of the built app cannot do without, and how much that is on the way.

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'

export const FIRST_SCRIPT_KB_MAX = 300

/** A module and all that it cannot run without: what is imported with `import()` comes later, if at all. */
export const neededBy = (app: string, file: string, known = new Set<string>()): Set<string> => {
  if (known.has(file)) return known
  known.add(file)
  const code = readFileSync(join(app, 'assets', file), 'utf8')
  for (const [, from] of code.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.js)["']/g))
    if (from !== undefined) neededBy(app, from, known)
  return known
}

export const firstScripts = (app: string): Set<string> => {
  const html = readFileSync(join(app, 'index.html'), 'utf8')
  const entry = basename(/<script type="module"[^>]*src="([^"]+)"/.exec(html)?.[1] ?? '')
  if (entry === '') throw new Error(`${join(app, 'index.html')} names no module to begin with`)
  return neededBy(app, entry)
}

export const gzippedKilobytes = (app: string, files: Iterable<string>): number => {
  let bytes = 0
  for (const file of files) bytes += gzipSync(readFileSync(join(app, 'assets', file))).length
  return bytes / 1024
}
