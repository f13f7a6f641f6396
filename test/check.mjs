// `npm run check`: types, lint and format, import directions, unused code. Runs all of them, then says what failed.
import { spawnSync } from 'node:child_process'
import { ensureInstalled, root } from '../server/install.mjs'

const tsc = 'node_modules/typescript/bin/tsc'

const checks = [
  { name: 'types', command: [tsc, '--noEmit'] },
  { name: 'types of shared, where neither Node nor DOM exists', command: [tsc, '--noEmit', '-p', 'shared'] },
  {
    name: 'lint and format',
    command: [
      'node_modules/@biomejs/biome/bin/biome',
      'check',
      '--error-on-warnings',
      '--diagnostic-level=warn',
      '--max-diagnostics=60',
    ],
  },
  { name: 'import directions', command: ['test/ground/import-directions.mjs'] },
  {
    name: 'unused code',
    command: ['node_modules/knip/bin/knip.js', '--config', 'test/knip.config.ts', '--no-progress'],
  },
]

ensureInstalled()
const failed = []
for (const { name, command } of checks) {
  console.log(`Checking ${name} …`)
  if (
    spawnSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0
  ) {
    failed.push(name)
  }
}
if (failed.length > 0) {
  console.error(`Not in order: ${failed.join('; ')}.`)
  process.exitCode = 1
} else {
  console.log('All in order.')
}
