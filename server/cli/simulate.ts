import type { Command } from 'commander'
import { wholeNumber } from './whole-number.ts'
import { simulate } from '../simulate/simulate.ts'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { failure } from './exit-code.ts'
import { createProgressBar } from './progress-bar.ts'

interface Options {
  seed: number
  histories: number
  steps: number
  calm?: boolean
  json?: true
}

const examples = `
Examples:
  $ corecord simulate --histories 10000          ten thousand histories, from seed 1
  $ corecord simulate --seed 4711                one history again, step by step`

/** Devices that edit, part, reload, have wrong clocks and meet again, and a server that dies between, held against an oracle of each policy. */
export function addSimulate(program: Command, io: CommandIo): void {
  program
    .command('simulate')
    .description(
      'Play random histories of devices on and off line, of a server that is killed and a disk that refuses, and hold every merge against an oracle.',
    )
    .option('--seed <n>', 'the history to play, or the first of several', wholeNumber, 1)
    .option('--histories <n>', 'how many, one seed after the other', wholeNumber, 1)
    .option('--steps <n>', 'how long each is', wholeNumber, 40)
    .option('--calm', 'the server is never killed before it has saved, and its disk takes every write')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async ({ seed, histories, steps, calm = false, json }: Options) => {
      const progress = createProgressBar(io, 'Simulating')
      let writes = 0
      for (let i = 0; i < histories; i++) {
        const result = simulate({ seed: seed + i, steps, calm })
        writes += result.writes
        if (result.failure !== null) {
          progress.end()
          const lines = result.history.map((line, step) => `${step + 1}. ${line}`)
          if (json === true)
            printJson(io, { seed: result.seed, failure: result.failure.message, history: result.history })
          else for (const line of lines) printLine(io, line)
          throw failure(
            `Seed ${result.seed} failed: ${result.failure.message}. See it again: corecord simulate --seed ${result.seed} --steps ${steps}${calm ? ' --calm' : ''}`,
          )
        }
        if (histories === 1 && json !== true) {
          for (const [step, line] of result.history.entries()) printLine(io, `${step + 1}. ${line}`)
        }
        if (i % 50 === 49) {
          progress.at(i + 1, histories, 'histories')
          // Others get their turn: Ctrl-C, above all.
          await new Promise(resolve => setImmediate(resolve))
        }
      }
      progress.end()
      if (json === true) printJson(io, { seed, histories, steps, writes, failures: 0 })
      else
        printLine(
          io,
          `${histories} ${histories === 1 ? 'history' : 'histories'} from seed ${seed}: ${writes} writes, every replica equal to every other and to the oracle.`,
        )
    })
}
