import { existsSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { misuse } from './exit-code.ts'
import { isBegunBackup } from '../operate/backup.ts'
import { PARTIAL, writeFileWhole } from './export.ts'
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
        throw misuse(`${file} is there already; --force replaces it.`)
      }
      await removeLeftBeside(file, io.now())
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

/** A backup writes all the while: one that has not for so long was killed. */
const SILENT_MS = 3_600_000

/** What killed backups left in that folder, each as large as the data, mostly under the name of another day. */
async function removeLeftBeside(file: string, now: number): Promise<void> {
  const folder = dirname(file)
  const names = await readdir(folder).catch((): string[] => [])
  for (const name of names.filter(each => each.endsWith(PARTIAL))) {
    const path = join(folder, name)
    // Of somebody else's that may not be read or removed, the backup itself is none the worse.
    const isLeft = await isLeftBehind(path, now).catch(() => false)
    if (isLeft) await rm(path, { force: true }).catch(() => {})
  }
}

/** A pipe would keep whoever opens it waiting; by a link it stands elsewhere, and is not ours to remove. */
async function isLeftBehind(path: string, now: number): Promise<boolean> {
  const found = await lstat(path)
  return found.isFile() && found.mtimeMs < now - SILENT_MS && (await isBegunBackup(path))
}
