import { existsSync } from 'node:fs'

export const isTypeScript = (url: string): boolean => /^file:.*\.m?ts(?:\?.*)?$/.test(url)

/** `./job.js` is how TypeScript that is meant to be compiled names `./job.ts`. Null where it is what it says. */
export function sourceNamedBy(specifier: string, parentURL: string | undefined): string | null {
  if (parentURL === undefined || !isTypeScript(parentURL) || !/^\.{1,2}\/.*\.m?js$/.test(specifier))
    return null
  const asWritten = new URL(specifier, parentURL)
  const source = new URL(specifier.replace(/js$/, 'ts'), parentURL)
  return !existsSync(asWritten) && existsSync(source) ? source.href : null
}
