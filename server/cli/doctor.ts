import type { Command } from 'commander'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { type Check, examine } from './doctor-checks.ts'
import { CommandFailure, exitCodes, failure, misuse } from './exit-code.ts'
import { version } from '../version.ts'
import { wholeNumber } from './whole-number.ts'

interface DoctorOptions {
  token?: string
  origin?: string
  hold?: number
  json?: true
}

const examples = `
Examples:
  $ corecord doctor http://localhost:8080
  $ corecord doctor https://desk.example.com --token "$TOKEN"
  $ corecord doctor https://desk.example.com --token "$TOKEN" --hold 90
  $ corecord doctor https://desk.example.com --origin https://app.example.com`

const marks = { good: '✓', warning: '!', bad: '✗' } as const

export function addDoctor(program: Command, io: CommandIo): void {
  program
    .command('doctor')
    .description('Find out why a server cannot be reached or used, step by step, as a client would come.')
    .argument('<url>', 'the address that people use')
    .option('--token <token>', 'come as this person (CORECORD_TOKEN)')
    .option('--origin <origin>', 'come as a page of this origin')
    .option(
      '--hold <seconds>',
      'hold quiet connections so long, to see whether something cuts them off',
      wholeNumber,
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (url: string, options: DoctorOptions) => {
      const checks: Check[] = []
      const patient = {
        url,
        token: options.token ?? io.env.CORECORD_TOKEN ?? null,
        origin: options.origin ?? null,
        version,
        now: io.now,
        holdMs: (options.hold ?? 0) * 1000,
      }
      for await (const check of examine(patient)) {
        checks.push(check)
        if (options.json !== true) for (const line of checkLines(check)) printLine(io, line)
      }
      const bad = checks.filter(check => check.state === 'bad')
      if (options.json === true) printJson(io, { url, healthy: bad.length === 0, checks })
      if (bad.some(check => check.name === 'address')) throw misuse('')
      if (bad.some(check => check.name === 'reachable')) throw new CommandFailure(exitCodes.unreachable, '')
      if (bad.length > 0) throw failure('')
      if (options.json !== true) printLine(io, 'Nothing is wrong that can be seen from here.')
    })
}

function* checkLines({ state, name, found, advice }: Check): Generator<string> {
  yield `${marks[state]} ${name}: ${found}`
  if (advice !== null) yield `    ${advice}`
}
