import { afterEach, beforeAll, expect, test } from 'vitest'
import { buildProgram } from '../cli-process.ts'
import { ConsoleSession } from './console-session.ts'
import { codeBlocks, markdownPages } from './markdown-pages.ts'

const pages = markdownPages().filter(page =>
  codeBlocks(page).some(({ info }) => /^console( serve| postgres)?$/.test(info)),
)
let session: ConsoleSession | null = null

beforeAll(buildProgram, 900_000)

afterEach(async () => {
  await session?.close()
  session = null
})

test.each(pages)(
  '$path shows what its commands print',
  async page => {
    session = new ConsoleSession()
    expect(await session.walk(page)).toBeGreaterThan(0)
  },
  900_000,
)
