// The guide as somebody walks it: the app that `corecord init` makes, the files of each step put in, and the app's own
// types and tests run after each.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MadeApp } from '../ground/made-app.ts'
import { codeBlocks, readPage } from './markdown-pages.ts'

let app: MadeApp

beforeAll(() => {
  app = new MadeApp()
}, 900_000)

afterAll(() => app.close())

const steps = readPage('docs/guide.md')
  .text.split(/^## /m)
  .slice(1)
  .map(text => {
    const title = text.slice(0, text.indexOf('\n'))
    const files = codeBlocks({ path: '', text }).flatMap(({ info, code }) => {
      const name = /file=(\S+)/.exec(info)?.[1]
      return name === undefined ? [] : [{ name, code }]
    })
    return { title, files }
  })
  .filter(({ files }) => files.length > 0)

test('the guide has its steps', () => {
  expect(steps.map(({ title }) => title.slice(0, 2))).toEqual(['2.', '3.', '4.', '5.', '6.'])
})

// In order: each builds on the files of those before.
test.each(steps)(
  '$title',
  step => {
    const { files } = step
    for (const { name, code } of files) {
      mkdirSync(dirname(join(app.folder, name)), { recursive: true })
      writeFileSync(join(app.folder, name), code)
    }
    app.run('npm', ['run', 'check'])
    const tests = files.map(({ name }) => name).filter(name => name.endsWith('.test.ts'))
    // All of them at the end, when nothing changes any more.
    const args = step === steps.at(-1) ? ['test'] : ['test', '--', ...tests]
    expect(app.run('npm', args)).toMatch(/Tests.*\d+ passed/)
  },
  900_000,
)
