// Is corecord ahead of its peers, with the disk in the way? The servers run pinned to one core, the generator to the
// other, in turn: corecord, raw, yws, yws-ldb, hocuspocus, corecord, … so that a machine that grows slower does so for all.
//
//     npm run bench -- peers [--quick] [--runs 3] [--only fanout,idle] [--json] [--write]
//
// --quick: shorter runs of fewer questions, without yws, which is nowhere the one to beat.
// --write puts table, plots and baseline into the repository (README.md, docs/bench-*.svg);
// with --only the other rows stay as they were measured.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Question, questions, quickSettings, type Result, type Values } from './peers/questions.ts'
import { type Answer, leads, markdownTable, median, plot, regressions, withRowsOf } from './peers/report.ts'
import { type BenchServer, prepareHarness } from './peers/servers.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    runs: { type: 'string' },
    only: { type: 'string' },
  },
})

const runs = Number(options.runs ?? (options.quick ? 1 : 3))
const wanted = options.only?.split(',')
const asked = questions.filter(
  question =>
    !(options.quick && question.isLong === true) &&
    (wanted === undefined || wanted.includes(question.scenario) || wanted.includes(question.id)),
)
const names = new Set(questions.flatMap(({ id, scenario }) => [id, scenario]))
const unknown = wanted?.filter(name => !names.has(name)) ?? []
if (unknown.length > 0 || asked.length === 0) {
  const problem =
    unknown.length > 0 ? `There is no question «${unknown.join('», «')}»` : 'Nothing short is asked by these'
  console.error(`${problem}. There is: ${[...names].sort().join(', ')}.`)
  process.exit(2)
}
const say = (text: string): void => {
  if (!options.json) console.log(text)
}

const { folder: harness, servers: known } = prepareHarness()
const servers = options.quick ? known.filter(({ name }) => !name.startsWith('yws')) : known
const data = resolve('.bench/data')
mkdirSync(data, { recursive: true })

/** Scenario and settings; null where the question is not for this server. */
const loadOf = (question: Question, { name, isAsked }: BenchServer): string | null => {
  const scenario = name === 'corecord' ? (question.ownScenario ?? question.scenario) : question.scenario
  if ((question.isOwn === true && name !== 'corecord') || !isAsked(scenario)) return null
  const quick = options.quick ? (quickSettings[scenario] ?? []) : []
  return [scenario, ...(question.set ?? []), ...quick].join(' ')
}

/** Questions with the same load are answered by one run of it. */
const plan = new Map<string, { server: BenchServer; load: string; times: number }>()
for (const question of asked) {
  for (const server of servers) {
    const load = loadOf(question, server)
    const times = question.isSteady === true ? 1 : runs
    if (load !== null) plan.set(`${load} ${server.name}`, { server, load, times })
  }
}

const results = new Map<string, Result[]>()
for (let run = 1; run <= runs; run++) {
  for (const [key, { server, load, times }] of plan) {
    if (run > times) continue
    const result = measure(server, load)
    results.set(key, [...(results.get(key) ?? []), result])
    say(
      `run ${run} of ${runs}: ${load.padEnd(28)} ${server.name.padEnd(12)} ${result.ok === true ? 'ok' : `not ok: ${String(result.error ?? 'see the log')}`}`,
    )
  }
}

const answers: Answer[] = asked.map(question => {
  const values: { -readonly [name in keyof Values]: number | null } = {}
  for (const server of servers) {
    const found = results.get(`${loadOf(question, server)} ${server.name}`) ?? []
    values[server.name] = median(found.map(question.read).filter(value => value !== null))
  }
  return { question, values }
})

const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, medians of ${runs}`
const ahead = leads(answers)
const baselineFile = resolve('test/bench/peers/baseline.json')
const baseline = existsSync(baselineFile)
  ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as { [id: string]: number })
  : {}
// The latencies of a short run are those of code that is still being compiled: only its rates are compared.
const compared = answers.filter(({ question }) => !options.quick || question.better === 'higher')
const worse = regressions(leads(compared), baseline)

if (options.json) {
  console.log(
    JSON.stringify({
      machine,
      answers: answers.map(({ question, values }) => ({
        id: question.id,
        values,
        met: question.isMet(values),
      })),
      leads: ahead,
      regressions: worse,
    }),
  )
} else {
  say(`\n${machine}\n\n${markdownTable(answers)}\n`)
  for (const line of worse) say(`fell behind: ${line}`)
}
if (options.write) {
  const about = servers.map(({ name, about: what }) => `*${name}* is ${what}`).join('; ')
  const plotted = questions.filter(({ id }) => ['fanout', 'joins', 'presence-500', 'idle-doc'].includes(id))
  for (const answer of answers) {
    if (plotted.includes(answer.question))
      writeFileSync(resolve(`docs/bench-${answer.question.id}.svg`), plot(answer))
  }
  const pictures = plotted.map(({ title, id }) => `![${title}](docs/bench-${id}.svg)`).join('\n\n')
  const readme = resolve('README.md')
  const page = readFileSync(readme, 'utf8')
  const table =
    wanted === undefined ? markdownTable(answers) : withRowsOf(tableIn(page), markdownTable(answers))
  writeFileSync(readme, betweenMarks(page, `${machine}. ${about}.\n\n${table}\n\n${pictures}`))
  const leadsNow = wanted === undefined ? ahead : { ...baseline, ...ahead }
  writeFileSync(baselineFile, `${JSON.stringify(leadsNow, null, 2)}\n`)
}
process.exitCode = worse.length === 0 ? 0 : 1

/** The measured table that the README shows. */
function tableIn(page: string): string {
  const measured = page.slice(page.indexOf('<!-- measured -->'), page.indexOf('<!-- /measured -->'))
  return measured
    .split('\n')
    .filter(line => line.startsWith('|'))
    .join('\n')
}

/** What the README shows of it stands between two marks. */
function betweenMarks(page: string, text: string): string {
  const [before, after] = [page.indexOf('<!-- measured -->'), page.indexOf('<!-- /measured -->')]
  if (before < 0 || after < 0) throw new Error('README.md has no place for the table')
  return `${page.slice(0, before)}<!-- measured -->\n${text}\n${page.slice(after)}`
}

function measure(server: BenchServer, load: string): Result {
  const [scenario = '', ...settings] = load.split(' ')
  const set = settings.flatMap(setting => ['--set', setting])
  const args = [
    'run.mjs',
    '--probe',
    '--scenario',
    scenario,
    '--label',
    server.name,
    '--log',
    join(data, `${server.name}.log`),
    ...set,
    ...server.args(data, scenario),
  ]
  const { stdout } = spawnSync(process.execPath, args, { cwd: harness, encoding: 'utf8', timeout: 600_000 })
  const line = stdout.split('\n').find(text => text.startsWith('{'))
  return line === undefined ? { ok: false, error: 'it printed nothing' } : (JSON.parse(line) as Result)
}
