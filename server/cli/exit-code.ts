import { openFilesMax } from '../access/open-files.ts'
import { isStoreError, type StoreError } from '../store/store-error.ts'

/** What a script can rely on; the help of the command names them. */
export const exitCodes = {
  ok: 0,
  /** It ran and something is wrong: damage found, a check failed, an error. */
  failed: 1,
  usage: 2,
  /** The data folder is open in another process. */
  locked: 3,
  unreachable: 4,
  /** The system lets this process open too few files. */
  openFiles: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An end with a sentence for the person at the terminal, and no stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, sentence: string) {
    super(sentence)
    this.exitCode = exitCode
  }
}

/** It was called in a way that means nothing. */
export const misuse = (sentence: string): CommandFailure => new CommandFailure(exitCodes.usage, sentence)

/** It ran, and something is wrong. */
export const failure = (sentence: string): CommandFailure => new CommandFailure(exitCodes.failed, sentence)

export const exitCodesHelp = `
Exit codes:
  0  done
  1  it ran, and something is wrong: an error, damage found, a check that failed
  2  wrong usage
  3  the data folder is in use by another process
  4  the server cannot be reached
  5  the system lets too few files be open at once (ulimit -n)`

/** With which a command ends that could not open the data. */
export const exitCodeOf = (error: StoreError): ExitCode => {
  if (error.code === 'STORE_LOCKED') return exitCodes.locked
  return TOO_MANY_FILES.test(error.message) ? exitCodes.openFiles : exitCodes.failed
}

/** As LevelDB says it. */
const TOO_MANY_FILES = /too many open files/i

/** Asked while there is a file left to ask with. */
const filesMax = openFilesMax() ?? Number.POSITIVE_INFINITY
/** More than are open at once while the program is loaded. */
const LOADED_AT_ONCE = 512

/** What an operator can do something about, wherever it was met; any other error stays what it is. */
export function foreseen(error: unknown): unknown {
  if (isStoreError(error, 'STORE_UNWRITABLE')) return new CommandFailure(exitCodeOf(error), error.message)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // Node calls a package missing whose description it could not open.
  const isUnread = code === 'ERR_MODULE_NOT_FOUND' && filesMax < LOADED_AT_ONCE
  if (code !== 'EMFILE' && code !== 'ENFILE' && !isUnread) return error
  return new CommandFailure(
    exitCodes.openFiles,
    `The system lets too few files be open at once (${isUnread ? filesMax : code}). Allow this process more of them: ulimit -n 65536, or LimitNOFILE=65536 in its unit.`,
  )
}
