// How Node learns to load TypeScript where it does not by itself (before 22.18): module hooks, for `module.register`.
// They run in a thread of their own, so they may wait for a compiler to load.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { compilerFor } from './compilers.ts'
import { ownEntries } from './own-entry.ts'
import { isTypeScript, sourceNamedBy } from './source-named-by.ts'

interface Resolved {
  readonly url: string
  readonly format?: string | null
  readonly shortCircuit?: boolean
}

interface ResolveContext {
  readonly parentURL?: string
}

interface Loaded {
  readonly format: string
  readonly source?: string
  readonly shortCircuit?: boolean
}

const entries = ownEntries()

export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context?: ResolveContext) => Promise<Resolved>,
): Promise<Resolved> {
  const own = entries.get(specifier)
  if (own !== undefined) return { url: own, shortCircuit: true }
  return next(sourceNamedBy(specifier, context.parentURL) ?? specifier, context)
}

export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  if (!isTypeScript(url)) return next(url, context)
  const file = fileURLToPath(url)
  const compile = await compilerFor(file)
  return { format: 'module', source: await compile(await readFile(file, 'utf8')), shortCircuit: true }
}
