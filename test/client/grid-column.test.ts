import { expect, it, vi } from 'vitest'
import { copiedValue, type GridColumn, readValue } from '../../client/app/construction/grid-column.ts'

// It wants a page to tell of what was not pasted; of choices it knows nothing.
vi.mock('../../client/app/fields/paste-lines.ts', () => ({}))

it('what is copied from a grid is the same choice where it is pasted, also of several that are called alike', () => {
  const signs = { decimal: '.', group: ',' }
  const called = ['1.1 Concrete', 'Concrete', 'Concrete', '']
  const column: GridColumn = {
    key: 'line',
    label: 'Line',
    kind: 'choice',
    width: '1fr',
    choices: called.map((label, i) => ({ value: `id${i}`, label })),
  }
  const copied = called.map((_, i) => copiedValue(column, { id: 'x', line: `id${i}` }, signs))
  expect(copied).toEqual(['1.1 Concrete', 'id1', 'id2', 'id3'])
  expect(copied.map(text => readValue(column, text, signs))).toEqual(['id0', 'id1', 'id2', 'id3'])
  expect(copiedValue(column, { id: 'x', line: null }, signs)).toBe('')
  // Which of the two is meant, nobody says: it is not guessed.
  expect(readValue(column, 'Concrete', signs)).toBeUndefined()
})
