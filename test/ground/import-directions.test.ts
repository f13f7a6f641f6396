import { describe, expect, test } from 'vitest'
import { findWrongImports, importsOf, runtimeCycles, wrongDirection } from './import-directions.mjs'

describe('imports', () => {
  test('go one way, to declared packages, and never in a circle', () => {
    expect(findWrongImports()).toEqual([])
  })

  const wrong = [
    ['shared/record/cell.ts', "import { readFileSync } from 'node:fs'"],
    ['shared/record/cell.ts', "import { readFileSync } from 'fs'"],
    ['shared/record/cell.ts', "import type { Room } from '../../server/room/room.ts'"],
    ['shared/record/cell.ts', "import { something } from '../../client/index.ts'"],
    ['shared/record/cell.ts', "import fastify from 'fastify'"],
    ['server/main.ts', "import { connect } from '../client/index.ts'"],
    ['server/main.ts', "export { connect } from '../client/index.ts'"],
    ['server/main.ts', "const { connect } = await import('../client/index.ts')"],
    ['server/main.ts', "type Connect = import('../client/index.ts').Connect"],
    ['server/main.ts', "import { test } from 'vitest'"],
    ['server/main.ts', "import '../test/ground/anything.ts'"],
    ['client/desk.ts', "import { useRecord } from './react/index.ts'"],
    ['client/desk.ts', "import { useState } from 'react'"],
    ['client/desk.ts', "import WebSocket from 'ws'"],
    ['client/react/use-record.ts', "import { App } from '../app/app.tsx'"],
    ['client/app/main.tsx', "import { Desk } from '../desk.ts'"],
    ['client/app/main.tsx', "import { useRecord } from '../react/use-record.ts'"],
    ['client/app/main.tsx', "import { parsePath } from '../../shared/record/path.ts'"],
    ['client/app/main.tsx', "import { join } from 'node:path'"],
  ] as const

  test.each(wrong)('%s may not say: %s', (file, text) => {
    const imports = importsOf(file, text, '.')
    expect(imports).toHaveLength(1)
    expect(imports.flatMap(wrongDirection)).toHaveLength(1)
  })

  test('that wait or are erased make no circle', () => {
    const twoFiles = (second: string) => [
      ...importsOf('shared/index.ts', "import { a } from './record/index.ts'", '.').map(found => ({
        ...found,
        to: 'shared/record.ts',
      })),
      ...importsOf('shared/record.ts', second, '.').map(found => ({ ...found, to: 'shared/index.ts' })),
    ]
    expect(runtimeCycles(twoFiles("import { type B, c } from './index.ts'"))).toHaveLength(1)
    expect(runtimeCycles(twoFiles("import { type B } from './index.ts'"))).toHaveLength(1)
    expect(runtimeCycles(twoFiles("export * from './index.ts'"))).toHaveLength(1)
    expect(runtimeCycles(twoFiles("import type { B } from './index.ts'"))).toEqual([])
    expect(runtimeCycles(twoFiles("export type { B } from './index.ts'"))).toEqual([])
    expect(runtimeCycles(twoFiles("const later = () => import('./index.ts')"))).toEqual([])
  })
})
