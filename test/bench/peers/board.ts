import { defineRecord, text } from '../../../shared/index.ts'

/** Twenty fields that everybody may write, so that a typed record can be asked what an untyped one is asked. */
const fields = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, text.line({ max: 200 })]))

export const Board = defineRecord('board', {
  fields,
  row: board => ({ first: board.f0 ?? null, second: board.f1 ?? null, last: board.f19 ?? null }),
})
