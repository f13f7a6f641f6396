import type { Command } from 'commander'
import { type CommandIo, printLine } from './command-io.ts'
import { misuse } from './exit-code.ts'
import { addPlaceOptions, neededServer } from './open-operations.ts'
import { assertOk, callAdmin } from './remote-operations.ts'

const examples = `
The record must have been removed before. Devices that come back with edits of it are told, and keep them.

Example:
  $ corecord purge ticket:1042 --yes`

export function addPurge(program: Command, io: CommandIo): void {
  const command = program
    .command('purge <record>')
    .description('Delete a removed record for good: its content and its history.')
    .option('--yes', 'needed, since nothing brings it back')
    .addHelpText('after', examples)
    .action(async (record: string, { yes }: { yes?: true }) => {
      if (yes !== true) throw misuse(`Nothing brings ${record} back: say --yes if it is meant.`)
      const server = await neededServer(command, io)
      const headers = { 'content-type': 'application/json' }
      await assertOk(
        await callAdmin(server, 'purge', { method: 'POST', headers, body: JSON.stringify({ record }) }),
      )
      printLine(io, `${record} is gone.`)
    })
  addPlaceOptions(command)
}
