/**
 * What does a record cost over a bare Y.Map: in bytes once much has been overwritten, in time to write one field of a
 * small record and of a very large one, and to open the large one? Both sides in one run, in one process, no network.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import * as Y from 'yjs'
import { defineRecord } from '../../shared/record/define-record.ts'
import { bool, integer, list, text } from '../../shared/record/field.ts'
import { type OpenRecord, openRecord } from '../../shared/record/open-record.ts'

const isQuick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
const OVERWRITES = isQuick ? 4_000 : 20_000
const ENTRIES = isQuick ? 2_000 : 10_000
const RUN_MS = isQuick ? 300 : 2_000

interface Line {
  readonly question: string
  readonly ours: number
  readonly yjs: number | null
  readonly unit: string
  /** What it is meant to come to, and whether it did; null for what is only to be known. */
  readonly aim: string | null
  readonly isMet: boolean
}

const lines: Line[] = []

const report = (wanted: Line): void => {
  // What is aimed at is aimed at in full.
  const line: Line = isQuick ? { ...wanted, aim: null, isMet: true } : wanted
  lines.push(line)
  if (isJson) return
  const count = (n: number | null): string =>
    n === null ? '–' : n.toLocaleString('en', { maximumFractionDigits: n < 100 ? 1 : 0 })
  console.log(
    `${line.question.padEnd(56)}${count(line.ours).padStart(12)}${count(line.yjs).padStart(12)} ${line.unit.padEnd(8)}${line.aim === null ? '' : `${line.isMet ? 'met   ' : 'MISSED'} ${line.aim}`}`,
  )
}

const fieldNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `field${i}`)
const lineFields = (count: number) => Object.fromEntries(fieldNames(count).map(name => [name, text.line()]))

const Twenty = defineRecord('twenty', { fields: lineFields(20) })
const TwoHundred = defineRecord('two_hundred', { fields: lineFields(200) })
const Large = defineRecord('large', {
  fields: { entries: list({ name: text.line(), quantity: integer(), done: bool(), note: text.line() }) },
})

const open = <T extends Parameters<typeof openRecord>[0]>(type: T, author: string): OpenRecord<T> =>
  openRecord(type, new Y.Doc(), { author })

/** Turns a doc's updates over to another, as two people on line would have it. */
const connect = (a: Y.Doc, b: Y.Doc): void => {
  a.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'remote') Y.applyUpdate(b, update, 'remote')
  })
  b.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'remote') Y.applyUpdate(a, update, 'remote')
  })
}

const valueAt = (i: number): string => `value ${i % 1000}`

const bytesAfterOverwrites = (writers: 1 | 2): { ours: number; yjs: number } => {
  const names = fieldNames(20)
  const records = [open(Twenty, 'ana'), open(Twenty, 'boris')]
  const maps = [new Y.Doc(), new Y.Doc()]
  const [first, second] = records
  const [firstMap, secondMap] = maps
  if (first === undefined || second === undefined || firstMap === undefined || secondMap === undefined)
    throw new Error()
  if (writers === 2) {
    connect(first.doc, second.doc)
    connect(firstMap, secondMap)
  }
  for (let i = 0; i < OVERWRITES; i++) {
    const name = names[i % names.length] ?? ''
    // One after the other has written each field, or every field would keep its one writer.
    const writer = Math.floor(i / names.length + i) % writers
    records[writer]?.write(name, valueAt(i))
    maps[writer]?.getMap('record').set(name, valueAt(i))
  }
  return { ours: Y.encodeStateAsUpdate(first.doc).length, yjs: Y.encodeStateAsUpdate(firstMap).length }
}

/** How many times a second; the garbage of what came before is not its fault. */
const perSecond = (run: (i: number) => void): number => {
  for (let i = 0; i < 200; i++) run(i)
  globalThis.gc?.()
  const start = performance.now()
  let runs = 0
  while (performance.now() - start < RUN_MS) {
    for (let i = 0; i < 50; i++) run(200 + runs++)
  }
  return (runs * 1000) / (performance.now() - start)
}

const setsOfTwoHundred = (): { ours: number; watched: number; yjs: number } => {
  const names = fieldNames(200)
  const record = open(TwoHundred, 'ana')
  record.set(Object.fromEntries(names.map(name => [name, 'first'])))
  const ours = perSecond(i => record.set({ [names[i % 200] ?? '']: valueAt(i) }))
  let seen = 0
  record.subscribe('', () => {
    seen += record.view.field0 === null ? 0 : 1
  })
  const watched = perSecond(i => record.set({ [names[i % 200] ?? '']: valueAt(i) }))
  if (seen === 0) throw new Error('the subscriber was not told')
  const map = new Y.Doc().getMap('record')
  for (const name of names) map.set(name, 'first')
  const yjs = perSecond(i => map.set(names[i % 200] ?? '', valueAt(i)))
  return { ours, watched, yjs }
}

const largeRecord = (): OpenRecord<typeof Large> => {
  const record = open(Large, 'ana')
  for (let i = 0; i < ENTRIES; i++) {
    record
      .list('entries')
      .add({ name: `entry ${i}`, quantity: i, done: false, note: 'as delivered' }, { id: `e${i}` })
  }
  return record
}

const largeMap = (): Y.Doc => {
  const doc = new Y.Doc()
  const entries = doc.getMap<Y.Map<unknown>>('entries')
  for (let i = 0; i < ENTRIES; i++) {
    const entry = new Y.Map<unknown>(
      Object.entries({ name: `entry ${i}`, quantity: i, done: false, note: 'as delivered' }),
    )
    entries.set(`e${i}`, entry)
  }
  return doc
}

/** Spread over the record, so that no two neighbours are written one after the other. */
const spread = (i: number): number => (i * 7919) % ENTRIES

const setsOfLarge = (
  record: OpenRecord<typeof Large>,
  doc: Y.Doc,
): { ours: number; watched: number; yjs: number } => {
  const setEntry = (i: number): void => record.write(`entries/e${spread(i)}/quantity`, i)
  const ours = perSecond(setEntry)
  let seen = 0
  const stop = record.subscribe('', () => {
    seen += record.view.entries.length
  })
  const watched = perSecond(setEntry)
  stop()
  if (seen === 0) throw new Error('the subscriber was not told')
  const entries = doc.getMap<Y.Map<unknown>>('entries')
  const yjs = perSecond(i => entries.get(`e${spread(i)}`)?.set('quantity', i))
  return { ours, watched, yjs }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const timeOf = (run: () => void): number => {
  const times: number[] = []
  for (let i = 0; i < (isQuick ? 3 : 9); i++) {
    globalThis.gc?.()
    const start = performance.now()
    run()
    times.push(performance.now() - start)
  }
  return median(times)
}

const openingOfLarge = (bytes: Uint8Array): { opened: number; viewed: number; yjs: number } => {
  const yjs = timeOf(() => Y.applyUpdate(new Y.Doc(), bytes))
  const from = (): OpenRecord<typeof Large> => {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, bytes)
    return openRecord(Large, doc, { author: 'ana' })
  }
  const opened = timeOf(() => from())
  const viewed = timeOf(() => {
    if (from().view.entries.length !== ENTRIES) throw new Error('entries are missing')
  })
  return { opened, viewed, yjs }
}

const versionOf = (name: string): string => {
  const entry = createRequire(import.meta.url).resolve(name)
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    try {
      // A package's own manifest, which has a version.
      const { name: found, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string
        version?: string
      }
      if (found === name) return version ?? '?'
    } catch {
      if (folder === dirname(folder)) return '?'
    }
  }
}

const machine = `${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, Node ${process.version}, yjs ${versionOf('yjs')}`
if (!isJson) {
  console.log(machine)
  console.log(`${''.padEnd(56)}${'corecord'.padStart(12)}${'Y.Map'.padStart(12)}`)
}

const one = bytesAfterOverwrites(1)
report({
  question: `bytes after ${OVERWRITES} overwrites of 20 fields, one writer`,
  ...one,
  unit: 'bytes',
  aim: '≤ 1/100 of Y.Map',
  isMet: one.ours * 100 <= one.yjs,
})
const two = bytesAfterOverwrites(2)
report({
  question: '… two writers alternating',
  ...two,
  unit: 'bytes',
  aim: '≤ Y.Map',
  isMet: two.ours <= two.yjs,
})
const small = setsOfTwoHundred()
report({
  question: 'sets of one field of 200',
  ours: small.ours,
  yjs: small.yjs,
  unit: '/s',
  aim: '≥ 50,000/s',
  isMet: small.ours >= 50_000,
})
report({
  question: '… with a screen that reads the view each time',
  ours: small.watched,
  yjs: null,
  unit: '/s',
  aim: null,
  isMet: true,
})
const record = largeRecord()
const map = largeMap()
const bytes = Y.encodeStateAsUpdate(record.doc)
const large = setsOfLarge(record, map)
report({
  question: `sets of one field of ${ENTRIES} entries × 4`,
  ours: large.ours,
  yjs: large.yjs,
  unit: '/s',
  aim: '≥ 5,000/s',
  isMet: large.ours >= 5_000,
})
report({
  question: '… with a screen that reads the view each time',
  ours: large.watched,
  yjs: null,
  unit: '/s',
  aim: '≥ 5,000/s',
  isMet: large.watched >= 5_000,
})
const opening = openingOfLarge(bytes)
report({
  question: 'opening that record from bytes (Y.applyUpdate alone)',
  ours: opening.opened,
  yjs: opening.yjs,
  unit: 'ms',
  aim: '≤ 2 ×',
  isMet: opening.opened <= 2 * opening.yjs,
})
report({
  question: '… and reading its whole view',
  ours: opening.viewed,
  yjs: opening.yjs,
  unit: 'ms',
  aim: null,
  isMet: true,
})
const written = Y.encodeStateAsUpdate(record.doc)
const worn = openingOfLarge(written)
report({
  question: '… after all those sets',
  ours: worn.opened,
  yjs: worn.yjs,
  unit: 'ms',
  aim: '≤ 2 ×',
  isMet: worn.opened <= 2 * worn.yjs,
})

if (isJson) console.log(JSON.stringify({ machine, lines }))
if (lines.some(({ isMet }) => !isMet)) process.exitCode = 1
