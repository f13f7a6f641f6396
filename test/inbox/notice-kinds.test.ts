import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { noticeIn } from '../../shared/types/notice-sentences.ts'
import { commonNoticeKinds, noticeKinds } from '../../shared/types/notice-kinds.ts'

const kindsIn = (folder: string): Set<string> => {
  const files = readdirSync(folder).filter(name => name.endsWith('.ts') && name !== 'notice-kinds.ts')
  const texts = files.map(name => readFileSync(`${folder}/${name}`, 'utf8'))
  return new Set(
    texts.flatMap(text =>
      [...text.matchAll(/\bkind: '([a-z_]+)',\s*several:/g)].map(([, kind]) => kind ?? ''),
    ),
  )
}

it('every kind of notice can be chosen, and no other', () => {
  const listed = Object.values(noticeKinds).flatMap(kinds => kinds.map(({ kind }) => kind))
  expect([...new Set(listed)].sort()).toEqual([...kindsIn('shared/types')].sort())
  const types = new Set(demoRecords.map(({ name }) => name))
  expect(Object.keys(noticeKinds).filter(type => !types.has(type))).toEqual([])
})

it.each(['sr', 'fr'])('every kind of notice has words in %s, for one and for several', language => {
  const kinds = [
    ...Object.entries(noticeKinds).flatMap(([type, of]) => of.map(({ kind }) => ({ type, kind }))),
    ...commonNoticeKinds.map(({ kind }) => ({ type: 'a_type_of_ones_own', kind })),
  ]
  for (const { type, kind } of kinds) {
    const line = { type, kind, sentence: '(in English)', params: {} }
    expect([type, kind, noticeIn(language, line)]).not.toContain('(in English)')
    expect([type, kind, noticeIn(language, { ...line, count: 5 })]).not.toContain('(in English)')
  }
})

it('a number of notices is counted as its language counts', () => {
  const tickets = { type: 'ticket', kind: 'ticket_created', sentence: '', params: null }
  const counted = (language: string) =>
    [1, 2, 5, 21, 22].map(count => noticeIn(language, { ...tickets, count }))
  expect(counted('sr').slice(1)).toEqual([
    '2 nova naloga',
    '5 novih naloga',
    '21 novi nalog',
    '22 nova naloga',
  ])
  expect(counted('fr').slice(1)).toEqual([2, 5, 21, 22].map(n => `${n} nouveaux tickets`))
  expect(noticeIn('sr', { ...tickets, count: 3, title: 'Pump' })).toBe('3 nova naloga: Pump')
  for (const other of ['en', 'de', '', '__proto__'])
    expect(noticeIn(other, { ...tickets, sentence: '4 new tickets', count: 4 })).toBe('4 new tickets')
})

it('what the server tells by itself can be chosen too', () => {
  const source = readdirSync('server/inbox')
    .map(name => readFileSync(`server/inbox/${name}`, 'utf8'))
    .join('\n')
  for (const { kind } of commonNoticeKinds) expect(source).toContain(`'${kind}'`)
})
