import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { pino } from 'pino'
import type { RecordType } from '../../shared/record/record-type.ts'
import { liftedLimits } from '../access/limits.ts'
import { createOperations, type Operations } from '../operate/operations.ts'
import { readServingNote } from '../operate/serving-note.ts'
import { holdsStore, LevelStore } from '../store/level-store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { CommandIo } from './command-io.ts'
import { CommandFailure, exitCodeOf, exitCodes, misuse } from './exit-code.ts'
import { loadRecordTypes } from './load-record-types.ts'
import { createReadableLog } from './readable-log.ts'
import { createRemoteOperations, type RemoteServer } from './remote-operations.ts'
import { addSettingOptions, configOf } from './setting-options.ts'
import { version } from '../version.ts'

/** The options by which every command that works on data says on which. */
export function addPlaceOptions(command: Command): Command {
  addSettingOptions(command, ['data', 'records'])
  return command
    .option('--url <url>', 'a running server, instead of a data folder')
    .option('--token <token>', 'a token with the role admin, for --url (CORECORD_TOKEN)')
}

export interface PlaceOptions {
  url?: string
  token?: string
}

/**
 * On a server that runs, through it; on a data folder that no server has open, directly. Which of the two it is
 * needs nobody to know: a server leaves a note in its folder.
 */
export async function openOperations(
  command: Command,
  io: CommandIo,
  needs: 'store' | 'rooms',
): Promise<Operations> {
  // What is taken in may be the first there is.
  const server = await runningServer(command, io, needs === 'rooms')
  if (server !== null) return createRemoteOperations(server)
  const config = configOf(command, io)
  const dataFolder = resolve(config.data)
  const recordTypes = await loadRecordTypes(config.records)
  if (needs === 'rooms') return openWithRooms(dataFolder, recordTypes, io)
  if (!holdsStore(dataFolder)) {
    throw misuse(`There are no data of corecord in ${config.data}. Name their folder with --data.`)
  }
  const store = new LevelStore({
    folder: dataFolder,
    onSalvaged: damagedPath =>
      io.stderr.write(
        `The database was damaged: what could be read of it was copied. The damaged files are in ${damagedPath}; «corecord verify» names what is missing.\n`,
      ),
  })
  await store.open().catch(failedOpening)
  return createOperations({ store, recordTypes, dataFolder, version, now: io.now })
}

/** The server that is named, or that has the folder open; null: nobody has. */
export async function runningServer(
  command: Command,
  io: CommandIo,
  mayBeNew = false,
): Promise<RemoteServer | null> {
  const options = command.opts<PlaceOptions>()
  if (options.url !== undefined) {
    const key = options.token ?? io.env.CORECORD_TOKEN
    if (key === undefined) {
      throw misuse('--url needs a token with the role admin: --token or CORECORD_TOKEN.')
    }
    if (!URL.canParse(options.url)) {
      throw misuse(`--url must be like http://localhost:8080, not «${options.url}».`)
    }
    return { url: options.url, key }
  }
  const config = configOf(command, io)
  const dataFolder = resolve(config.data)
  if (!existsSync(dataFolder)) {
    if (mayBeNew) return null
    throw misuse(`There is no folder ${config.data}. Name it with --data.`)
  }
  return servingIn(dataFolder)
}

async function servingIn(dataFolder: string): Promise<RemoteServer | null> {
  const note = await readServingNote(dataFolder)
  return note !== null && (await answers(note.url)) ? note : null
}

export const isServed = async (dataFolder: string): Promise<boolean> => (await servingIn(dataFolder)) !== null

/** For what only a server that runs can do. */
export async function neededServer(command: Command, io: CommandIo): Promise<RemoteServer> {
  const server = await runningServer(command, io)
  if (server !== null) return server
  throw new CommandFailure(
    exitCodes.unreachable,
    `No server serves ${configOf(command, io).data}. Start one, or name its folder with --data, or its address with --url.`,
  )
}

/** A server that nobody can reach: what is written goes through rooms and guard as on one that serves. */
async function openWithRooms(
  dataFolder: string,
  records: readonly RecordType[],
  io: CommandIo,
): Promise<Operations> {
  const { createServer } = await import('../server.ts')
  const server = createServer({
    dataFolder,
    records,
    anonymous: true,
    untyped: true,
    limits: liftedLimits,
    // What it refuses is in the report.
    logger: pino({ level: 'error' }, createReadableLog(io.stderr)),
  })
  await server.open().catch(failedOpening)
  return {
    ...server.operations,
    async close() {
      await server.close('the work is done')
    },
  }
}

function failedOpening(error: unknown): never {
  if (!isStoreError(error)) throw error
  throw new CommandFailure(exitCodeOf(error), error.message)
}

/** Runs work on the operations and closes them, however it ends. */
export async function withOperations(
  command: Command,
  io: CommandIo,
  work: (operations: Operations) => Promise<void>,
  needs: 'store' | 'rooms' = 'store',
): Promise<void> {
  const operations = await openOperations(command, io, needs)
  try {
    await work(operations)
  } finally {
    await operations.close()
  }
}

/** Where nobody listens any more that is known at once; a server that is busy takes its time. */
const ANSWER_WITHIN_MS = 30_000

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok
  } catch {
    return false
  }
}
