import nodeModule from 'node:module'
import { ownEntries } from './own-entry.ts'
import { sourceNamedBy } from './source-named-by.ts'

interface Context {
  readonly parentURL?: string
}
type Next = (specifier: string, context: Context) => unknown

/** Newer than the types of the oldest Node that must do. */
const { registerHooks } = nodeModule as unknown as {
  registerHooks?: (hooks: { resolve(specifier: string, context: Context, next: Next): unknown }) => void
}
const readsTypeScript = 'typescript' in process.features && process.features.typescript !== false
/** Whatever runs these sources as they are reads those of others too. */
const isSource = import.meta.url.endsWith('.ts')

let isRegistered = isSource

/** From here on `import()` reads TypeScript, and `corecord/…` is this package. For the whole process; once is enough. */
export function registerTypeScript(): void {
  if (isRegistered) return
  isRegistered = true
  process.setSourceMapsEnabled(true)
  if (!readsTypeScript || registerHooks === undefined) {
    nodeModule.register('./hooks.js', import.meta.url)
    return
  }
  const entries = ownEntries()
  registerHooks({
    resolve(specifier, context, next) {
      const own = entries.get(specifier)
      if (own !== undefined) return { url: own, shortCircuit: true }
      return next(sourceNamedBy(specifier, context.parentURL) ?? specifier, context)
    },
  })
}
