import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { leftOut } from '../operate/export-rooms.ts'
import type { CommandIo } from './command-io.ts'
import { failure } from './exit-code.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'
import { bytesAsText, createProgressBar } from './progress-bar.ts'

interface ExportOptions {
  exact?: true
  type?: string
  removed: boolean
}

const examples = `
Examples:
  $ corecord export > everything.jsonl           what people and programs read
  $ corecord export --type ticket tickets.jsonl
  $ corecord export --exact everything.corecord  every byte, history and owners, for another corecord`

export function addExport(program: Command, io: CommandIo): void {
  const command = program
    .command('export')
    .description('Write all records as lines of JSON, or exactly.')
    .argument('[file]', 'where to; the default, and «-», is the standard output')
    .option('--exact', 'the exact binary form, for `corecord import`')
    .option('--type <name>', 'only records of this type')
    .option('--no-removed', 'leave out removed records')
    .addHelpText('after', examples)
    .action(async (file: string | undefined, options: ExportOptions) => {
      await withOperations(command, io, async operations => {
        const undeclared = new Set<string>()
        const damaged: string[] = []
        const bytes = operations.exportRooms({
          undeclared: type => undeclared.add(type),
          damaged: room => damaged.push(room),
          format: options.exact === true ? 'exact' : 'lines',
          includeRemoved: options.removed,
          ...(options.type === undefined ? {} : { type: options.type }),
        })
        if (file === undefined || file === '-') await writeTo(io, bytes)
        else await writeFileWhole(io, file, bytes, 'Exporting')
        if (undeclared.size > 0) {
          const types = [...undeclared].join(', ')
          io.stderr.write(
            `Records of ${types} stand there as bytes: --records names the file of their types.\n`,
          )
        }
        if (damaged.length > 0) throw failure(leftOut(damaged).message)
      })
    })
  addPlaceOptions(command)
}

async function writeTo(io: CommandIo, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) {
    if (!io.stdout.write(chunk)) await new Promise<void>(resolve => io.stdout.once('drain', () => resolve()))
  }
}

/** How the name of what is being written ends. */
export const PARTIAL = '.part'

/** A file of this name is whole or not there: what is being written has another name. */
export async function writeFileWhole(
  io: CommandIo,
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  what: string,
): Promise<number> {
  const partial = `${file}${PARTIAL}`
  const progress = createProgressBar(io, what)
  let written = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      written += chunk.byteLength
      progress.at(written, null, `bytes (${bytesAsText(written)})`)
      yield chunk
    }
  }
  try {
    await pipeline(Readable.from(counted()), createWriteStream(partial, { flush: true, mode: 0o600 }))
    await rename(partial, file)
    return written
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {})
    throw writeFailure(file, error)
  } finally {
    progress.end()
  }
}

/** What the system says of the file; whatever else ended it comes from where the bytes do. */
function writeFailure(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  return failure(
    `${file} cannot be written: ${error.message}. Name a place that is there, may be written to, and has room.`,
  )
}
