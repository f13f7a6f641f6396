import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { CommandFailure, exitCodes } from './exit-code.ts'
import { writeFileWhole } from './export.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'
import { bytesAsText } from './progress-bar.ts'

const examples = `
A backup is one tar file of one moment, blobs included; the server goes on serving meanwhile.

Examples:
  $ corecord backup backup-$(date +%F).tar
  $ corecord backup nightly.tar --url https://desk.example.com --token "$TOKEN"
  $ corecord restore nightly.tar --data ./restored`

export function addBackup(program: Command, io: CommandIo): void {
  const command = program
    .command('backup')
    .description('Write everything to one file, also while the server runs.')
    .argument('<file>', 'where to')
    .option('--force', 'replace a file of this name')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (file: string, options: { force?: true; json?: true }) => {
      if (existsSync(file) && options.force !== true) {
        throw new CommandFailure(exitCodes.usage, `${file} is there already; --force replaces it.`)
      }
      await withOperations(command, io, async operations => {
        const bytes = await writeFileWhole(
          io,
          file,
          operations.backup(() => {}),
          'Backing up',
        )
        if (options.json === true) printJson(io, { file, bytes })
        else printLine(io, `${file}: ${bytesAsText(bytes)}`)
      })
    })
  addPlaceOptions(command)
}
