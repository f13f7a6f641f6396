import { describe, expect, test } from 'vitest'
import { findWrongImports, importsOf, wrongDirection } from './import-directions.mjs'

describe('imports', () => {
  test('go one way, and to declared packages', () => {
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
})
