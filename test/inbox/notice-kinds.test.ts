import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { demoRecords } from '../../shared/types/index.ts'
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

it('what the server tells by itself can be chosen too', () => {
  const source = readdirSync('server/inbox')
    .map(name => readFileSync(`server/inbox/${name}`, 'utf8'))
    .join('\n')
  for (const { kind } of commonNoticeKinds) expect(source).toContain(`'${kind}'`)
})
