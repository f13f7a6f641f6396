// `npm run bench` measures corecord beside its peers, `npm run bench -- record lists --quick` runs the named benchmarks,
// `npm run bench -- all` every one in turn. A benchmark is a file of this folder, <name>.bench.ts; options go to each
// that runs.
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
  if (name !== 'all' && !known.includes(name))
    fail(`There is no benchmark «${name}». There is: all, ${known.join(', ')}.`)
}
const asked = named.includes('all') ? known : named.length > 0 ? named : ['peers']
const failed = asked.filter(name => runCompiled(`test/bench/${name}${suffix}`, options) !== 0)
if (failed.length > 0) fail(`Failed: ${failed.join(', ')}.`)
