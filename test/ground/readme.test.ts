import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
// Inside the tree, so that its imports find the same packages.
const folder = mkdtempSync(join(root, 'test/.readme-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)

it('shows code that compiles and runs', async () => {
  expect(blocks.length).toBeGreaterThan(0)
  for (const [i, code] of blocks.entries()) {
    const file = join(folder, `block-${i}.ts`)
    writeFileSync(
      file,
      code.replaceAll(/from 'corecord\/(\w+)'/g, (_, entry: string) => `from '../../${entry}/index.ts'`),
    )
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }),
  )
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(status).toBe(0)
  for (const [i] of blocks.entries()) {
    const file = join(folder, `block-${i}.ts`)
    await import(file)
  }
})

it('links to what exists', () => {
  for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    expect(existsSync(join(root, target)), target).toBe(true)
  }
})
