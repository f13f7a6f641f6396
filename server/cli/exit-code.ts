/** What a script can rely on; the help of the command names them. */
export const exitCodes = {
  ok: 0,
  /** It ran and something is wrong: damage found, a check failed, an error. */
  failed: 1,
  usage: 2,
  /** The data folder is open in another process. */
  locked: 3,
  unreachable: 4,
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

export const exitCodesHelp = `
Exit codes:
  0  done
  1  it ran, and something is wrong: an error, damage found, a check that failed
  2  wrong usage
  3  the data folder is in use by another process
  4  the server cannot be reached`
