import { Command, CommanderError } from 'commander'
import { OperationFailure } from '../operate/operation-failure.ts'
import type { CommandIo } from './command-io.ts'
import { addDoctor } from './doctor.ts'
import { CommandFailure, type ExitCode, exitCodes, exitCodesHelp, foreseen } from './exit-code.ts'
import { addBackup } from './backup.ts'
import { addCompact } from './compact.ts'
import { addExport } from './export.ts'
import { addImport } from './import.ts'
import { addInit } from './init.ts'
import { addInspect } from './inspect.ts'
import { addPurge } from './purge.ts'
import { addReindex } from './reindex.ts'
import { addRestore } from './restore.ts'
import { addRevoke } from './revoke.ts'
import { addServe } from './serve.ts'
import { addSimulate } from './simulate.ts'
import { addToken } from './token.ts'
import { addVerify } from './verify.ts'
import { version } from '../version.ts'
import { addWebhook } from './webhook.ts'

const commands = [
  addServe,
  addInit,
  addToken,
  addRevoke,
  addInspect,
  addExport,
  addImport,
  addBackup,
  addRestore,
  addCompact,
  addReindex,
  addVerify,
  addPurge,
  addWebhook,
  addSimulate,
  addDoctor,
]

/** Runs one command line to its end and says how it ended. Nothing here ends the process. */
export async function runCommandLine(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const program = createProgram(io)
  try {
    await program.parseAsync(uptoUnknownCommand(program, args), { from: 'user' })
    return exitCodes.ok
  } catch (caught) {
    const error = foreseen(caught)
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (error instanceof OperationFailure) {
      io.stderr.write(`${error.message}\n`)
      return exitCodes.failed
    }
    if (error instanceof CommandFailure) {
      if (error.message !== '') io.stderr.write(`${error.message}\n`)
      return error.exitCode
    }
    io.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return exitCodes.failed
  }
}

/** With `--help` behind it, commander shows a page and calls a command that is none a success. */
function uptoUnknownCommand(program: Command, args: readonly string[]): string[] {
  let command: Command | undefined = program
  for (const [at, arg] of args.entries()) {
    if (arg.startsWith('-') || arg === 'help' || command.commands.length === 0) break
    command = command.commands.find(each => each.name() === arg)
    if (command === undefined) return args.slice(0, at + 1)
  }
  return [...args]
}

function createProgram(io: CommandIo): Command {
  const program = new Command('corecord')
    .description('A collaborative state server for business records: every record a live document.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => io.stderr.write(text),
    })
    .showHelpAfterError('(corecord --help shows what there is)')
    .addHelpText(
      'after',
      `\nTry it:\n  $ corecord serve --demo\nBegin an app of your own:\n  $ corecord init my-app\n${exitCodesHelp}`,
    )
  for (const add of commands) add(program, io)
  // A mistake within a command is answered by that command's page.
  for (const command of program.commands)
    command.showHelpAfterError(`(corecord ${command.name()} --help shows what it takes)`)
  return program
}
