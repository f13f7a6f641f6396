// How much an application's visitors download of the client, as the application's own bundler makes it.

import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

const YJS = /^(yjs|lib0|y-protocols|y-websocket)(\/|$)/
const REACT = /^(react|react-dom|scheduler)(\/|$)/

export interface ClientSize {
  readonly client: number
  readonly hooks: number
  readonly yjs: number
}

/** Kilobytes, bundled, minified and gzipped. */
export const clientSize = async (): Promise<ClientSize> => {
  const client = join(process.cwd(), 'client/index.ts')
  const react = join(process.cwd(), 'client/react/index.ts')
  const own = await sizeOf(client, [YJS, REACT])
  const whole = await sizeOf(client, [REACT])
  return { client: own, hooks: await sizeOf(react, [YJS, REACT]), yjs: whole - own }
}

const sizeOf = async (entry: string, external: readonly RegExp[]): Promise<number> => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      rollupOptions: {
        input: entry,
        external: id => external.some(one => one.test(id)),
        output: { format: 'es' },
        preserveEntrySignatures: 'strict',
      },
    },
  })
  // One input and no watching gives one output.
  const { output } = built as Rolldown.RolldownOutput
  const bytes = Buffer.concat(
    output.map(part => Buffer.from(part.type === 'chunk' ? part.code : part.source)),
  )
  return gzipSync(bytes).length / 1_000
}
