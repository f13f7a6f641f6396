import { expect, it } from 'vitest'
import { Belonging } from '../../client/list/belonging.ts'
import type { LiveList } from '../../client/list/live-list.ts'
import { Metre } from '../../shared/types/quantities.ts'

it('comes whole, however many parts there are, and each piece is asked for once', () => {
  const tellers = new Set<() => void>()
  let asked = 0
  const list = {
    rows: undefined as object[] | undefined,
    hasMore: false,
    isCut: false,
    more: () => asked++,
    subscribe: (tell: () => void) => {
      tellers.add(tell)
      return () => tellers.delete(tell)
    },
    close: () => {},
  }
  const come = (count: number, hasMore: boolean): void => {
    Object.assign(list, { rows: Array.from({ length: count }, () => ({})), hasMore })
    for (const tell of tellers) tell()
  }
  const belonging = new Belonging([[Metre, list as unknown as LiveList]], () => {})
  come(1_000, true)
  // Somebody writes to one of them meanwhile.
  come(1_000, true)
  expect(asked).toBe(1)
  come(2_000, true)
  come(2_400, false)
  expect(asked).toBe(2)
  expect(belonging.rows(Metre)).toHaveLength(2_400)
  expect(belonging.rows(Metre)).toBe(belonging.lists['metre'])
  expect(belonging.cut.size).toBe(0)
  list.isCut = true
  expect([...belonging.cut]).toEqual(['metre'])
  expect(belonging.cut).toBe(belonging.cut)
  belonging.close()
  expect(tellers.size).toBe(0)
})
