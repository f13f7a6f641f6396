import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { createClock } from '../../shared/record/clock.ts'
import {
  counter,
  defineRecord,
  integer,
  log,
  money,
  oneOf,
  openRecord,
  ref,
  setOf,
  text,
} from '../../shared/index.ts'
import { readPage, root } from './markdown-pages.ts'

const readme = readPage('README.md').text

/** The cells of a table under a heading, row by row. */
const tableUnder = (heading: string): string[][] => {
  const part = readme.slice(readme.indexOf(`## ${heading}`))
  const table = /(?:^\|.*\n)+/m.exec(part)?.[0] ?? ''
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map(row => row.slice(2, -2).split(' | '))
}

describe('what merges how', () => {
  // Each declaration of the table, so that the test plays the very rows a reader sees.
  const declared = {
    last: ['text.line()', text.line()],
    first: ["ref('user').merge('first')", ref('user').merge('first')],
    max: ["oneOf('low', 'normal', 'urgent').merge('max')", oneOf('low', 'normal', 'urgent').merge('max')],
    min: ["integer().merge('min')", integer().merge('min')],
    review: ["money().merge('review')", money().merge('review')],
    union: ['setOf(text.line())', setOf(text.line())],
    counter: ['counter()', counter()],
    log: ['log({ part: text.line() })', log({ part: text.line() })],
    text: ['text.plain()', text.plain()],
  } as const
  const fields = Object.fromEntries(Object.entries(declared).map(([name, [, field]]) => [`f_${name}`, field]))
  const Sample = defineRecord('sample', { fields })
  type Sample = ReturnType<typeof openRecord<typeof Sample>>

  const rows = tableUnder('What merges how')
  const device = (author: string, ms: number): { doc: Y.Doc; record: Sample } => {
    const doc = new Y.Doc()
    const clock = createClock({ wall: () => ms, monotonic: () => 0 })
    return { doc, record: openRecord(Sample, doc, { author, clock }) }
  }
  const codeIn = (cell = ''): string => /`(.*?)`/.exec(cell)?.[1] ?? ''

  const write = (record: Sample, policy: string, value: unknown): void => {
    const name = `f_${policy}`
    // The fields of the sample are known by name only here, where the table is read.
    const loose = record as unknown as Loose
    if (policy === 'union') loose.union(name).add(value)
    else if (policy === 'counter') loose.counter(name).add(value)
    else if (policy === 'log') loose.log(name).add({ part: value })
    else if (policy === 'text') loose.text(name).insert(0, value)
    else loose.set({ [name]: value })
  }

  const shown = (record: Sample, policy: string): unknown => {
    const value = (record.view as Record<string, unknown>)[`f_${policy}`]
    return policy === 'log' ? (value as { part: string }[]).map(({ part }) => part) : value
  }

  it('has a row for every policy there is', () => {
    expect(rows.map(([policy = '']) => codeIn(policy)).sort()).toEqual(Object.keys(declared).sort())
  })

  it.each(rows.map(row => ({ policy: codeIn(row[0]), row })))(
    '$policy merges as its row says',
    ({ policy, row }) => {
      const [, as, anas, ivans, both = ''] = row
      expect(codeIn(as)).toBe(declared[policy as keyof typeof declared][0])
      const ana = device('ana', 1_000_000)
      const ivan = device('ivan', 2_000_000)
      write(ana.record, policy, JSON.parse(codeIn(anas)))
      write(ivan.record, policy, JSON.parse(codeIn(ivans)))
      Y.applyUpdate(ana.doc, Y.encodeStateAsUpdate(ivan.doc))
      Y.applyUpdate(ivan.doc, Y.encodeStateAsUpdate(ana.doc))
      expect(shown(ivan.record, policy)).toEqual(shown(ana.record, policy))
      if (policy === 'text') {
        const words = String(shown(ana.record, policy))
        for (const cell of [anas, ivans]) expect(words).toContain(JSON.parse(codeIn(cell)))
        return
      }
      // Before a server has confirmed one, a claim is tentative, and goes by time too.
      const expected: unknown = JSON.parse(codeIn(both))
      const value = shown(ana.record, policy)
      if (Array.isArray(expected)) expect([...(value as unknown[])].sort()).toEqual(expected)
      else expect(value).toEqual(expected)
    },
  )

  interface Loose {
    set(patch: object): void
    union(name: string): { add(value: unknown): void }
    counter(name: string): { add(value: unknown): void }
    log(name: string): { add(value: object): void }
    text(name: string): { insert(at: number, value: unknown): void }
  }
})

describe('the promises', () => {
  const rows = tableUnder('What it promises')

  it('are seven', () => {
    expect(rows).toHaveLength(7)
  })

  it.each(rows)('%s', (_promise, link, as) => {
    const path = /\]\((.*)\)/.exec(link ?? '')?.[1] ?? ''
    const name = /«(.*)»/.exec(as ?? '')?.[1] ?? ''
    expect(name).not.toBe('')
    expect(testSourceIn(path)).toContain(name)
  })
})

describe('the folder map', () => {
  const paths = [...readme.matchAll(/^\| \[`([\w/]+)`\]/gm)].map(([, path = '']) => path)
  const folders = (path: string): string[] =>
    readdirSync(join(root, path), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => `${path}/${entry.name}`)

  it('names every folder of the sources, and none that is not there', () => {
    const sources = ['shared', 'server', 'client'].flatMap(folders)
    const known = [...sources, 'server', 'client', 'test', 'docs'].sort()
    expect([...paths].sort()).toEqual(known)
  })
})

function testSourceIn(path: string): string {
  const full = join(root, path)
  if (statSync(full).isFile()) return readFileSync(full, 'utf8')
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts'))
    .map(file => readFileSync(join(full, file), 'utf8'))
    .join('\n')
}
