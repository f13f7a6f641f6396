import type { Command } from 'commander'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'
import { createProgressBar } from './progress-bar.ts'

export function addReindex(program: Command, io: CommandIo): void {
  const command = program
    .command('reindex')
    .description(
      'Make the rows of lists anew from the records; a server that starts with other row functions does it by itself.',
    )
    .argument('[types...]', 'record types; all, when none is named')
    .option('--json', 'print JSON')
    .action(async (types: readonly string[], options: { json?: true }) => {
      await withOperations(command, io, async operations => {
        const progress = createProgressBar(io, 'Reindexing')
        const report = await operations
          .reindex(types.length === 0 ? null : types, records => progress.at(records, null, 'records'))
          .finally(() => progress.end())
        if (options.json === true) {
          printJson(io, report)
          return
        }
        printLine(io, `The rows of ${report.rewritten} of ${report.records} records were made anew.`)
        if (types.length === 0 && report.undeclared.length > 0) {
          printLine(
            io,
            `  left as they are: records of ${report.undeclared.join(', ')}; --records names the file of their types.`,
          )
        }
        if (report.failed !== undefined) {
          const { records, first, sentence } = report.failed
          printLine(
            io,
            `  the row function failed at ${records}, first at ${first}: ${sentence}. Lists show the fields of these records, or what they showed before.`,
          )
        }
        for (const room of report.damaged) printLine(io, `  damaged, left as it is: ${room}`)
      })
    })
  addPlaceOptions(command)
}
