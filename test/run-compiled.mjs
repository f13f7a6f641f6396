// Benchmarks and torture run compiled, against the modules that are shipped, in a process of their own.
import { spawnSync } from 'node:child_process'
import { ensureWorkbenchBuilt } from '../server/build.mjs'
import { ensureInstalled, root } from '../server/install.mjs'

/**
 * Compiles the tree if it is stale, runs one script of test/bench or test/torture and gives its exit status.
 * @param {string} script as in the tree: test/bench/record.bench.ts
 * @param {string[]} args
 */
export function runCompiled(script, args) {
  ensureInstalled()
  ensureWorkbenchBuilt()
  // With exposed gc a script that measures memory can measure what is held, not what is not yet collected.
  const node = ['--expose-gc', '--enable-source-maps', `dist/${script.replace(/\.ts$/, '.js')}`]
  const { status, signal } = spawnSync(process.execPath, [...node, ...args], { cwd: root, stdio: 'inherit' })
  if (signal) console.error(`${script} was ended by ${signal}.`)
  return status ?? 1
}
