import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import nodeModule, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

type Compile = (source: string) => string | Promise<string>

/** What takes types out of a file, of what lies beside the file. The first that is there does it. */
const compilers: readonly ((file: string) => Promise<Compile | null>)[] = [
  ofNode,
  ofVite,
  ofEsbuild,
  ofTypeScript,
]

export async function compilerFor(file: string): Promise<Compile> {
  for (const look of compilers) {
    const found = await look(file)
    if (found !== null) return found
  }
  throw new Error(
    `Node ${process.versions.node} cannot read TypeScript. Use Node 22.18 or newer, or install a compiler ` +
      'beside the file: npm install --save-dev typescript',
  )
}

/** From Node 22.13; not in the types of the oldest Node that must do. */
const { stripTypeScriptTypes } = nodeModule as unknown as {
  stripTypeScriptTypes?: (source: string) => string
}

async function ofNode(): Promise<Compile | null> {
  return stripTypeScriptTypes ?? null
}

interface Vite {
  readonly transformWithOxc?: Transform
  readonly transformWithEsbuild: Transform
}

type Transform = (source: string, file: string, options: { sourcemap: true }) => Promise<WithMap>

interface WithMap {
  readonly code: string
  readonly map: object | string
}

async function ofVite(file: string): Promise<Compile | null> {
  const path = besides(file, 'vite')
  if (path === null) return null
  const vite: Vite = await import(path)
  const transform = vite.transformWithOxc ?? vite.transformWithEsbuild
  return async source => withInlineMap(await transform(source, file, { sourcemap: true }))
}

interface Esbuild {
  readonly default: { transform(source: string, options: object): Promise<{ readonly code: string }> }
}

async function ofEsbuild(file: string): Promise<Compile | null> {
  const path = besides(file, 'esbuild')
  if (path === null) return null
  const esbuild: Esbuild = await import(path)
  const options = { loader: 'ts', target: 'es2022', format: 'esm', sourcefile: file, sourcemap: 'inline' }
  return async source => (await esbuild.default.transform(source, options)).code
}

/** By its command, which every version of it has; the functions to call differ. */
async function ofTypeScript(file: string): Promise<Compile | null> {
  const path = besides(file, 'typescript/package.json')
  if (path === null) return null
  const command = fileURLToPath(new URL('bin/tsc', path))
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'corecord-tsc-'))
    try {
      const flags = ['--noCheck', '--noResolve', '--skipLibCheck', '--isolatedModules', '--inlineSourceMap']
      const shape = ['--module', 'esnext', '--target', 'es2022', '--verbatimModuleSyntax']
      // What is made lies elsewhere; a place in a stack is one of the person's own file.
      const out = ['--sourceRoot', pathToFileURL(dirname(file)).href, '--outDir', folder, file]
      // Found beside a tsconfig.json, a file named on the command line is an error, unless told to ignore the former.
      const more = majorOf(path) >= 6 ? ['--ignoreConfig', '--allowImportingTsExtensions', 'false'] : []
      const args = [command, ...flags, ...shape, ...more, ...out]
      const done = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder })
      const made = join(folder, basename(file).replace(/ts$/, 'js'))
      if (done.status !== 0 || !existsSync(made)) throw new Error(`${done.stdout}${done.stderr}`.trim())
      return readFileSync(made, 'utf8')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function majorOf(manifest: string): number {
  const { version }: { version: string } = JSON.parse(readFileSync(new URL(manifest), 'utf8'))
  return Number.parseInt(version, 10)
}

function besides(file: string, name: string): string | null {
  try {
    return pathToFileURL(createRequire(file).resolve(name)).href
  } catch {
    return null
  }
}

function withInlineMap({ code, map }: WithMap): string {
  const json = typeof map === 'string' ? map : JSON.stringify(map)
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}`
}
