// `npm test`: installs what is missing, builds what is stale, runs every test, and closes with one line of counts.
// Arguments go to vitest: `npm test -- convergence`, `npm test -- -t 'keeps both values'`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from '../server/build.mjs'
import { ensureInstalled, fail, root } from '../server/install.mjs'
import { ensureChromium } from './chromium.mjs'
import { ensureFirefox } from './firefox.mjs'

const withoutBrowser = '--without-browser'
/** More than so many are no noise. */
const AGAIN_MAX = 3
const args = process.argv.slice(2)
const vitestArgs = args.filter(arg => arg !== withoutBrowser)
if (args.includes(withoutBrowser)) {
  console.log('Leaving out the browser tests, as asked.')
  vitestArgs.push('--exclude', 'test/browser/**')
}

ensureInstalled()
const chromium = args.includes(withoutBrowser) ? null : ensureChromium()
if (chromium && 'why' in chromium) {
  fail(
    `${chromium.why}\nThe browser tests need one. Install Chromium or Chrome (CHROMIUM_PATH may name it), or run ` +
      `everything else: npm test -- ${withoutBrowser}`,
  )
}
const firefox = args.includes(withoutBrowser) ? null : ensureFirefox()
if (firefox && 'why' in firefox) {
  console.log(`${firefox.why}\nLeaving out the stories told in Firefox; those in Chromium are told.`)
  vitestArgs.push('--exclude', 'test/browser/client/firefox.test.ts')
}
ensureBuilt()

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {Counts & { failedFiles: (Counts & { path: string })[] }} Outcome
 */

console.log('Running the tests (vitest) …')
const first = runVitest(vitestArgs)
const counts = withoutNoise(first)
const { passed, failed, skipped } = counts
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? 1 : 0

/**
 * Stories of a whole machine (browsers, proxies, commands as a page shows them) may fail for what else the machine
 * does. They are told once more, alone and aloud; every other test has one try.
 * @param {Outcome} outcome
 * @returns {Counts}
 */
function withoutNoise({ failedFiles, ...counts }) {
  const paths = failedFiles.map(({ path }) => path)
  const isAllOfIt = counts.failed === failedFiles.reduce((sum, { failed }) => sum + failed, 0)
  const areStories = paths.every(path => /^test\/(browser|docs|operate)\//.test(path))
  if (paths.length === 0 || paths.length > AGAIN_MAX || !isAllOfIt || !areStories) return counts
  console.log(`\nFailed, see above, and told once more by themselves: ${paths.join(', ')}\n`)
  const again = runVitest([...paths, '--maxWorkers=1'])
  for (const file of failedFiles) {
    counts.passed -= file.passed
    counts.failed -= file.failed
    counts.skipped -= file.skipped
  }
  if (again.failed === 0) console.log(`\nPassed only when told by themselves: ${paths.join(', ')}`)
  return {
    passed: counts.passed + again.passed,
    failed: counts.failed + again.failed,
    skipped: counts.skipped + again.skipped,
  }
}

/**
 * @param {readonly string[]} args
 * @returns {Outcome}
 */
function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-test-'))
  const countsFile = join(folder, 'counts.json')
  const reporters = ['--reporter=default', '--reporter=./test/count-reporter.mjs']
  const vitest = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        CORECORD_TEST_COUNTS: countsFile,
        ...(chromium && 'path' in chromium && { CHROMIUM_PATH: chromium.path }),
        ...(firefox && 'path' in firefox && { FIREFOX_PATH: firefox.path }),
      },
    },
  )
  const counts = readCounts(countsFile)
  rmSync(folder, { recursive: true, force: true })
  // Vitest can fail without a failed test: a file that cannot be found, a process that would not end.
  if (vitest.status !== 0 && counts.failed === 0) {
    console.log('Vitest itself failed, see above: counted as one failure.')
    counts.failed = 1
  } else if (counts.passed + counts.failed === 0) {
    console.log('No test was run: counted as one failure.')
    counts.failed = 1
  }
  return counts
}

/**
 * @param {string} file
 * @returns {Outcome}
 */
function readCounts(file) {
  const none = { passed: 0, failed: 0, skipped: 0, failedFiles: [] }
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : none
}
