import { expect, it } from 'vitest'
import { reasonsOf, refusedChanges } from '../../client/app/state/refused-changes.ts'
import type { TrayItem } from '../../client/index.ts'

const refused = (path: string, sentence: string): TrayItem => ({
  id: path,
  room: 'ticket:1',
  path,
  value: null,
  text: '',
  at: 0,
  code: 'NOT_PERMITTED',
  sentence,
})

const said = (...items: TrayItem[]): string[][] =>
  refusedChanges(items).map(change => reasonsOf(change).map(({ sentence }) => sentence))

it('of a line that was added it is said once why a part of it was refused', () => {
  expect(
    said(
      refused('items/7/$created', 'price: no'),
      refused('items/7/price', 'no'),
      refused('items/7/name', 'price: no'),
      refused('title', 'too long'),
    ),
  ).toEqual([['no'], ['too long']])
})

it('what was written nowhere is named where it is lacking', () => {
  const why = 'size: must be set; price: no'
  expect(said(refused('items/7/$created', why), refused('items/7/price', 'no'))).toEqual([[why, 'no']])
})
