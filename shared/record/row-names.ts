import { rowOfNothing } from './assert-declaration.ts'
import type { RecordType } from './record-type.ts'

/** By a name that no row has, nothing is found, or everything: null where each of these is one. */
export const rowNamesProblem = (type: RecordType, names: readonly string[]): string | null => {
  const known = rowNamesOf(type)
  const wrong = names.find(name => known?.has(name) === false)
  return wrong === undefined || known === null
    ? null
    : `A row of ${type.name} has no «${wrong}»: it has ${[...known].join(', ')}.`
}

/** Null where only a record shows what is in its row. */
const rowNamesOf = (type: RecordType): ReadonlySet<string> | null => {
  let names = rowNames.get(type)
  if (names === undefined) {
    const row = rowOfNothing(type)
    names = row === null ? null : new Set(Object.keys(row))
    rowNames.set(type, names)
  }
  return names
}

const rowNames = new WeakMap<RecordType, ReadonlySet<string> | null>()
