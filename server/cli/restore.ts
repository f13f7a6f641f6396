import { createReadStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { restoreBackup } from '../operate/restore-backup.ts'
import { isStoreError } from '../store/store-error.ts'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { failure, misuse } from './exit-code.ts'
import { bytesAsText, createProgressBar } from './progress-bar.ts'
import { addSettingOptions, configOf } from './setting-options.ts'
import { reasonOf } from '../../shared/reason-of.ts'

const notes = `
Every record begins a new epoch: devices that are ahead of the backup put back what it does not hold.

Examples:
  $ corecord restore nightly.tar --data ./restored
  $ corecord serve --data ./restored --secret-file ./secret`

export function addRestore(program: Command, io: CommandIo): void {
  const command = program
    .command('restore')
    .description('Make a data folder of a backup.')
    .argument('<file>', 'what `corecord backup` wrote')
    .option('--json', 'print JSON')
    .addHelpText('after', notes)
    .action(async (file: string, options: { json?: true }) => {
      if (!existsSync(file)) throw misuse(`There is no file ${file}.`)
      const folder = resolve(configOf(command, io).data)
      const progress = createProgressBar(io, 'Restoring')
      try {
        const manifest = await restoreBackup(createReadStream(file), folder, (step, done) =>
          progress.at(done, null, step === 'reading' ? 'blobs' : 'entries'),
        )
        progress.end()
        if (options.json === true) printJson(io, { folder, ...manifest })
        else {
          const { takenAt, entries, blobs, storeBytes, blobBytes } = manifest
          printLine(
            io,
            `${folder} stands as of ${takenAt}: ${entries} entries (${bytesAsText(storeBytes)}), ${blobs} blobs (${bytesAsText(blobBytes)}).`,
          )
        }
      } catch (error) {
        progress.end()
        throw failure(sentenceOf(folder, error))
      }
    })
  addSettingOptions(command, ['data'])
}

/** What the disk says of itself says neither what for nor what now. */
function sentenceOf(folder: string, error: unknown): string {
  const isStores = isStoreError(error, 'STORE_UNWRITABLE')
  if (!isStores && !(error instanceof Error && 'syscall' in error && error.syscall === 'write'))
    return reasonOf(error)
  const reason = reasonOf(isStores ? error.cause : error)
  return `The backup cannot be restored into ${folder}: ${reason}. Nothing of it was kept: make room there, or name a folder on another disk, and restore again.`
}
