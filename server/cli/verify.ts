import type { Command } from 'commander'
import type { Finding } from '../store/store.ts'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { failure } from './exit-code.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'

export function addVerify(program: Command, io: CommandIo): void {
  const command = program
    .command('verify')
    .description('Read everything that is stored and name what is damaged.')
    .option('--events', 'also recompute the hash chain of every history')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExits with 1 when something is damaged. The records that are not named serve on.\n\nExamples:\n  $ corecord verify\n  $ corecord verify --events --json',
    )
    .action(async (options: { events?: true; json?: true }) => {
      const findings: Finding[] = []
      await withOperations(command, io, operations =>
        operations.verify({ events: options.events === true }, finding => {
          findings.push(finding)
          if (options.json !== true) printLine(io, lineOf(finding))
        }),
      )
      if (options.json === true) printJson(io, { findings })
      else if (findings.length === 0)
        printLine(io, 'Everything that is stored can be read and fits together.')
      if (findings.length > 0) {
        throw failure(
          findings.length === 1 ? 'One thing is damaged.' : `${findings.length} things are damaged.`,
        )
      }
    })
  addPlaceOptions(command)
}

/** Most sentences begin with the name. */
function lineOf({ code, name, sentence }: Finding): string {
  return sentence.startsWith(name) ? `${code}  ${sentence}` : `${code}  ${name}: ${sentence}`
}
