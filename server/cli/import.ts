import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { failure, misuse } from './exit-code.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'
import { bytesAsText, createProgressBar } from './progress-bar.ts'
import { isMissing } from '../is-missing.ts'
import { reasonOf } from '../../shared/reason-of.ts'

const examples = `
Examples:
  $ corecord import everything.corecord
  $ corecord import tickets.jsonl
  $ corecord import everything.corecord --url https://desk.example.com --token "$TOKEN"

A record that is there already is left alone and named; of the exact form, one that is there and damaged is mended. Lines are written anew, by «import»; who wrote what and
when is kept by the exact form. Of two lines of one record the first counts; a field that this server has not is named
and left out; a value of another kind than its field takes refuses its line.

A file of another system, as CSV or lines of JSON of one record type, is sent to POST /api/import/<type> of a running server.`

export function addImport(program: Command, io: CommandIo): void {
  const command = program
    .command('import')
    .description('Take in what `corecord export` wrote.')
    .argument('<file>', 'the file')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (file: string, options: { json?: true }) => {
      const size = await sizeOf(file)
      await withOperations(
        command,
        io,
        async operations => {
          const progress = createProgressBar(io, 'Importing')
          let read = 0
          let rooms = 0
          const show = (): void => progress.at(read, size, `${rooms} records, ${bytesAsText(read)}`)
          async function* counted(): AsyncGenerator<Uint8Array> {
            for await (const chunk of createReadStream(file)) {
              read += chunk.length
              show()
              yield chunk
            }
          }
          const report = await operations
            .importRooms(counted(), count => {
              rooms = count
              show()
            })
            .catch((error: unknown) => {
              if (rooms > 0 && options.json !== true) printLine(io, brokenOff(rooms))
              throw error
            })
            .finally(() => progress.end())
          if (options.json === true) printJson(io, report)
          else {
            for (const { room, sentence } of report.refused) printLine(io, `refused ${room}: ${sentence}`)
            for (const room of report.mended ?? [])
              printLine(io, `${room} could not be read, and is now as the file has it.`)
            for (const name of report.noField ?? [])
              printLine(io, `${name} is no field of this server: what the lines have there was left out.`)
            printLine(io, `${report.imported} records imported, ${report.present.length} were there already.`)
            for (const room of report.present.slice(0, namedMax)) printLine(io, `  ${room}`)
            if (report.present.length > namedMax)
              printLine(io, `  and ${report.present.length - namedMax} more`)
          }
          if (report.refused.length > 0) throw failure(`${report.refused.length} lines were refused.`)
        },
        'rooms',
      )
    })
  addPlaceOptions(command)
}

const namedMax = 20

const brokenOff = (rooms: number): string =>
  `Broken off: at least ${rooms} of its records are there. Import the file again for the rest; they are left alone.`

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    throw misuse(isMissing(error) ? `There is no file ${file}.` : reasonOf(error))
  }
}
