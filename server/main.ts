#!/usr/bin/env node
import type { CommandIo } from './cli/command-io.ts'
import { CommandFailure, type ExitCode, exitCodes, foreseen } from './cli/exit-code.ts'

let isLog = false

const io: CommandIo = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  beginLog() {
    isLog = true
  },
  onStopSignal(listener) {
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
    // One who sends it to a whole group, and one of that who passes it on, are no two wishes: a stop has its deadline.
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, listener)
    // Whoever presses Ctrl-C again does not want to wait.
    process.once('SIGINT', listener)
    return () => {
      for (const signal of signals) process.removeListener(signal, listener)
    }
  },
}

// A reader that goes away early (`corecord export | head`) is no failure.
process.stdout.on('error', error => {
  if (isLog) return
  if ('code' in error && error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`The output cannot be written, and what is there is not whole: ${error.message}.\n`)
  process.exit(exitCodes.failed)
})
// Where that it cannot be said cannot be said either, nothing is to be done.
process.stderr.on('error', () => {})

const exitCode = await run(process.argv.slice(2))
// Whatever still hangs (a disk that does not answer) shall not keep a stopped server from ending.
process.exitCode = exitCode
setTimeout(() => process.exit(exitCode), 500).unref()

/** Loading the program opens many files at once, which is the first that a low limit stops. */
async function run(args: readonly string[]): Promise<ExitCode> {
  try {
    const { runCommandLine } = await import('./cli/program.ts')
    return await runCommandLine(args, io)
  } catch (caught) {
    const error = foreseen(caught)
    if (!(error instanceof CommandFailure)) throw error
    io.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}
