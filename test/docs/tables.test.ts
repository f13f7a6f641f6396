import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generatedTables } from './generated-tables.ts'
import { generatedPart, root, withGeneratedPart } from './markdown-pages.ts'

const cases = Object.entries(generatedTables).flatMap(([path, tables]) =>
  Object.entries(tables).map(([name, make]) => ({ path, name, make })),
)

test.each(cases)('$path has the table «$name» as the code has it', ({ path, name, make }) => {
  const file = join(root, path)
  if (process.env.CORECORD_WRITE_DOCS === '1') {
    writeFileSync(file, withGeneratedPart(readFileSync(file, 'utf8'), name, make()))
  }
  const how = 'CORECORD_WRITE_DOCS=1 npx vitest run test/docs/tables.test.ts writes it'
  expect(generatedPart(readFileSync(file, 'utf8'), name), how).toBe(make())
})
