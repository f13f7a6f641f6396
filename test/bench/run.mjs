// `npm run bench` runs every benchmark in turn, `npm run bench -- record lists --quick` the named ones. A benchmark is
// a file of this folder, <name>.bench.ts; options go to each that runs.
import { readdirSync } from 'node:fs'
import { fail } from '../../server/install.mjs'
import { runCompiled } from '../run-compiled.mjs'

const suffix = '.bench.ts'
const known = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith(suffix))
  .map(file => file.slice(0, -suffix.length))
  .sort()

const args = process.argv.slice(2)
const optionsFrom = args.findIndex(arg => arg.startsWith('-'))
const named = optionsFrom < 0 ? args : args.slice(0, optionsFrom)
const options = optionsFrom < 0 ? [] : args.slice(optionsFrom)

for (const name of named) {
  if (!known.includes(name))
    fail(`There is no benchmark «${name}». There is: ${known.join(', ') || 'none yet'}.`)
}
const failed = (named.length > 0 ? named : known).filter(
  name => runCompiled(`test/bench/${name}${suffix}`, options) !== 0,
)
if (failed.length > 0) fail(`Failed: ${failed.join(', ')}.`)
