// `npm test`: installs what is missing, builds what is stale, runs every test, and closes with one line of counts.
// Arguments go to vitest: `npm test -- convergence`, `npm test -- -t 'keeps both values'`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from '../server/build.mjs'
import { ensureInstalled, fail, root } from '../server/install.mjs'
import { ensureChromium } from './chromium.mjs'

const withoutBrowser = '--without-browser'
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
ensureBuilt()

const folder = mkdtempSync(join(tmpdir(), 'corecord-test-'))
const report = join(folder, 'report.json')
console.log('Running the tests (vitest) …')
const vitest = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ].concat(vitestArgs),
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(chromium && { CHROMIUM_PATH: chromium.path }) },
  },
)
const counts = countTests(report)
rmSync(folder, { recursive: true, force: true })

// Vitest can fail with no failed test: an error outside any test, a file that matches nothing.
if (vitest.status !== 0 && counts.failed === 0) {
  console.log('Vitest itself failed, see above: counted as one failure.')
  counts.failed = 1
} else if (counts.passed + counts.failed === 0) {
  console.log('No test was run: counted as one failure.')
  counts.failed = 1
}
console.log(
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
)
process.exitCode = counts.failed > 0 ? 1 : 0

/** @param {string} file */
function countTests(file) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  /** @type {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} */
  let results
  try {
    results = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return counts
  }
  for (const { status, assertionResults } of results.testResults) {
    const before = counts.failed
    for (const { status: outcome } of assertionResults) {
      if (outcome === 'passed') counts.passed++
      else if (outcome === 'failed') counts.failed++
      else counts.skipped++
    }
    // A file that cannot be loaded, or whose hook throws, holds no failed test and has failed all the same.
    if (status === 'failed' && counts.failed === before) counts.failed++
  }
  return counts
}
