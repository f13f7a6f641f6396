import type { Command } from 'commander'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'
import { bytesAsText, createProgressBar } from './progress-bar.ts'

export function addCompact(program: Command, io: CommandIo): void {
  const command = program
    .command('compact')
    .description(
      'Fold the logs of all records into their snapshots now; the server does it by itself as they grow.',
    )
    .option('--json', 'print JSON')
    .action(async (options: { json?: true }) => {
      await withOperations(command, io, async operations => {
        const progress = createProgressBar(io, 'Compacting')
        const report = await operations
          .compact(rooms => progress.at(rooms, null, 'records'))
          .finally(() => progress.end())
        if (options.json === true) {
          printJson(io, report)
          return
        }
        const { rooms, compacted, bytesBefore, bytesAfter, damaged } = report
        printLine(
          io,
          `${compacted} of ${rooms} records compacted: ${bytesAsText(bytesBefore)} before, ${bytesAsText(bytesAfter)} after.`,
        )
        for (const room of damaged) printLine(io, `  damaged, left as it is: ${room}`)
      })
    })
  addPlaceOptions(command)
}
