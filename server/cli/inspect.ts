import type { Command } from 'commander'
import type { InspectedField, Inspection } from '../operate/inspect-room.ts'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { failure } from './exit-code.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'
import { bytesAsText } from './progress-bar.ts'

export function addInspect(program: Command, io: CommandIo): void {
  const command = program
    .command('inspect')
    .description('Show one record: its fields, conflicts, people and sizes.')
    .argument('<record>', 'the record, as type:id')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ corecord inspect ticket:4711\n  $ corecord inspect ticket:4711 --json',
    )
    .action(async (room: string, options: { json?: true }) => {
      await withOperations(command, io, async operations => {
        const inspection = await operations.inspect(room)
        if (inspection === null) throw failure(`There is no record «${room}».`)
        if (options.json === true) printJson(io, inspection)
        else for (const line of inspectionLines(inspection)) printLine(io, line)
      })
    })
  addPlaceOptions(command)
}

function* inspectionLines({
  head,
  isTypeKnown,
  sizes,
  people,
  fields,
  texts,
  earlierEpochs,
}: Inspection): Generator<string> {
  yield `${head.room}  ${head.state}${head.type === '' ? ', a free room' : ''}`
  yield `  created  ${timeText(head.createdAt)} by ${head.createdBy}`
  yield `  updated  ${timeText(head.updatedAt)} by ${head.updatedBy}`
  yield `  epoch    ${head.epoch}, commit ${head.commit}, ${head.eventCount} events`
  yield `  stored   snapshot ${bytesAsText(sizes.snapshotBytes)}, log ${bytesAsText(sizes.logBytes)} in ${sizes.logEntries} entries`
  yield `  state    ${bytesAsText(sizes.stateBytes)}, ${sizes.liveCells} live cells, ${sizes.clientIds} client ids`
  for (const { epoch, ended, commit } of earlierEpochs)
    yield `  earlier  ${epoch}: ${ended} at commit ${commit}`
  if (!isTypeKnown && head.type !== '')
    yield `\nFields are not shown: no record type is called ${head.type}. Name the module that has it with --records.`
  if (fields.length > 0) yield '\nFields'
  for (const field of fields) yield* fieldLines(field)
  if (texts.length > 0) yield '\nTexts'
  for (const { field, characters, begins } of texts) {
    yield `  ${field}: ${characters} characters: ${JSON.stringify(begins)}`
  }
  if (people.length > 0) yield '\nPeople'
  for (const { id, cells, clientIds } of people) yield `  ${id}: ${cells} live cells, ${clientIds} client ids`
}

function* fieldLines({ path, values, isContested }: InspectedField): Generator<string> {
  const [winner, ...others] = values
  if (winner === undefined) return
  yield `  ${path === '' ? '(the record)' : path} = ${valueText(winner.value)}  ${winner.by}, ${timeText(winner.at)}`
  const word = isContested ? 'conflict' : 'also'
  for (const other of others)
    yield `    ${word}: ${valueText(other.value)}  ${other.by}, ${timeText(other.at)}`
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 19)
}
