// From runs to a table, a plot and a verdict against the committed baseline.

import { type Question, questions, type ServerName, type Values } from './questions.ts'

export interface Answer {
  readonly question: Question
  /** Median over the runs. */
  readonly values: Values
}

export const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle]
  if (high === undefined) return null
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? high)) / 2
}

const names: readonly ServerName[] = ['corecord', 'raw', 'yws', 'yws-ldb', 'hocuspocus']

export const format = (value: number | null | undefined): string =>
  value === null || value === undefined
    ? '–'
    : Math.abs(value) >= 100
      ? Math.round(value).toLocaleString('en')
      : Number(value.toPrecision(3)).toString()

const rowTitle = ({ title, unit }: Question): string => `${title}${unit === '' ? '' : `, ${unit}`}`

export const markdownTable = (answers: readonly Answer[]): string => {
  const head = ['question', ...names, 'corecord shall', ''].join(' | ')
  const rows = answers.map(({ question, values }) => {
    const cells = names.map(name => format(values[name]))
    return [rowTitle(question), ...cells, question.aim, verdict(question, values)].join(' | ')
  })
  return [`| ${head} |`, `|${' --- |'.repeat(names.length + 3)}`, ...rows.map(row => `| ${row} |`)].join('\n')
}

/** A miss says also how it stands to a peer on this machine, since a slower machine is slower for both. */
const verdict = (question: Question, values: Values): string => {
  if (question.isMet(values)) return '✓'
  const { aimBeside } = question
  const own = values.corecord
  const peer = aimBeside === undefined ? undefined : values[aimBeside.peer]
  if (aimBeside === undefined || typeof own !== 'number' || typeof peer !== 'number') return 'not yet'
  return `not yet: ${format(own / peer)} × ${aimBeside.peer}, aimed at ${format(aimBeside.times)}`
}

/** A whole table with the newer rows where there are some; what was not asked anew stays as it was measured. */
export const withRowsOf = (table: string, newer: string): string => {
  const questionOf = (row: string): string => row.split(' | ')[0] ?? ''
  const rows = new Map([table, newer].flatMap(text => text.split('\n')).map(row => [questionOf(row), row]))
  const [head = '', rule = ''] = newer.split('\n')
  return [head, rule, ...questions.map(rowTitle).flatMap(title => rows.get(`| ${title}`) ?? [])].join('\n')
}

/** How corecord stands to the best peer that answers; above 1 it is ahead, whichever way is better. */
export const leads = (answers: readonly Answer[]): { [id: string]: number } => {
  const ratios: { [id: string]: number } = {}
  for (const { question, values } of answers) {
    const own = values.corecord
    const others = names
      .filter(name => name !== 'corecord' && !(name === 'raw' && question.isOfDocs === true))
      .map(name => values[name])
      .filter(value => typeof value === 'number')
    if (typeof own !== 'number' || others.length === 0 || own <= 0) continue
    const best = question.better === 'higher' ? Math.max(...others) : Math.min(...others)
    if (best > 0)
      ratios[question.id] = Number((question.better === 'higher' ? own / best : best / own).toFixed(3))
  }
  return ratios
}

/** Questions in which the lead fell by more than a fifth. */
export const regressions = (
  now: { readonly [id: string]: number },
  baseline: { readonly [id: string]: number },
): string[] =>
  Object.entries(baseline)
    .filter(([id, before]) => (now[id] ?? before) < before * 0.8)
    .map(([id, before]) => `${id}: ${now[id]} × the best peer, ${before} in the baseline`)

const COLORS: { readonly [name in ServerName]: string } = {
  corecord: '#2563eb',
  raw: '#9ca3af',
  yws: '#d97706',
  'yws-ldb': '#b45309',
  hocuspocus: '#059669',
}

/** One bar chart of one question, as SVG. */
export const plot = ({ question, values }: Answer): string => {
  const bars = names.filter(name => typeof values[name] === 'number')
  const largest = Math.max(...bars.map(name => values[name] ?? 0), Number.MIN_VALUE)
  const rows = bars.map((name, i) => {
    const value = values[name] ?? 0
    const y = 46 + i * 30
    const width = Math.max(1, (value / largest) * 420)
    return [
      `<text x="0" y="${y + 15}">${name}</text>`,
      `<rect x="100" y="${y}" width="${width.toFixed(1)}" height="20" rx="3" fill="${COLORS[name]}"/>`,
      `<text x="${(108 + width).toFixed(1)}" y="${y + 15}">${format(value)} ${question.unit}</text>`,
    ].join('')
  })
  const height = 56 + bars.length * 30
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#475569"><text x="0" y="20" font-size="15" font-weight="600">${asXml(question.title)}</text><text x="0" y="36" font-size="11">${question.better} is better; ${asXml(question.aim)}</text>${rows.join('')}</svg>\n`
}

const asXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
