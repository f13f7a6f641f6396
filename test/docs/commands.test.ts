import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildProgram } from '../cli-process.ts'
import { type OwnRegistry, startOwnRegistry } from '../ground/own-registry.ts'
import { ConsoleSession, RUN } from './console-session.ts'
import { codeBlocks, markdownPages } from './markdown-pages.ts'

/** Its editor is looked at as well: test/browser/joining.test.ts. */
const inBrowser = 'docs/joining.md'
const pages = markdownPages().filter(
  page => page.path !== inBrowser && codeBlocks(page).some(({ info }) => RUN.test(info)),
)
let registry: OwnRegistry
let session: ConsoleSession | null = null

beforeAll(async () => {
  buildProgram()
  registry = await startOwnRegistry()
}, 900_000)

afterAll(() => registry?.close())

afterEach(async () => {
  await session?.close()
  session = null
})

test.each(pages)(
  '$path shows what its commands print',
  async page => {
    session = new ConsoleSession(registry)
    expect(await session.walk(page)).toBeGreaterThan(0)
  },
  900_000,
)
