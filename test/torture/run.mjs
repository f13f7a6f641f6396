// `npm run torture -- --kills 500`: the server killed under load, as often as asked; see torture.ts.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../../server/install.mjs'
import { runCompiled } from '../run-compiled.mjs'

if (!existsSync(join(import.meta.dirname, 'torture.ts'))) fail('There is no torture.ts beside this file.')
process.exitCode = runCompiled('test/torture/torture.ts', process.argv.slice(2))
