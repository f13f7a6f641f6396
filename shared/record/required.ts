// What has to be there when a record, or an entry of a list, is begun.

import type { CellSource } from './cell-index.ts'
import { CREATED, entryPathOf, escapeSegment, firstSegment } from './path.ts'
import type { RecordType } from './record-type.ts'
import type { Problem } from './record-error.ts'
import type { Value } from './value.ts'

interface Write {
  readonly path: string
  readonly value: Value
}

export const missingFields = (type: RecordType, writes: readonly Write[]): Problem[] => {
  const problems: Problem[] = []
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.kind !== 'cell' || !field.required) continue
    if (!writes.some(({ path, value }) => path === name && value !== null)) {
      problems.push({ code: 'REQUIRED', path: name, sentence: `must be set when a ${type.name} is created` })
    }
  }
  return problems
}

/** What these writes leave out of the entries that they begin. One that was removed has what it held. */
export const missingParts = (
  type: RecordType,
  before: Pick<CellSource, 'at'>,
  writes: readonly Write[],
): Problem[] => {
  let begun: Map<string, readonly string[]> | null = null
  for (const { path } of writes) {
    const { required, cells } = partsOf(type, path)
    if (required.length === 0) continue
    const entry = entryPathOf(path)
    begun ??= new Map()
    if (entry === path || begun.has(entry)) continue
    const isThere =
      before.at(entry).length > 0 || cells.some(part => before.at(`${entry}/${part}`).length > 0)
    begun.set(entry, isThere ? [] : required)
  }
  if (begun === null || begun.size === 0) return []
  const filled = new Set(writes.filter(({ value }) => value !== null).map(({ path }) => path))
  return [...begun]
    .flatMap(([entry, required]) => required.map(part => `${entry}/${part}`))
    .filter(path => !filled.has(path))
    .map(path => ({ code: 'REQUIRED', path, sentence: 'must be set when an entry is added' }))
}

interface Parts {
  readonly required: readonly string[]
  /** Those by which an entry is there. */
  readonly cells: readonly string[]
}

const NO_PARTS: Parts = { required: [], cells: [] }

const partsByType = new WeakMap<RecordType, ReadonlyMap<string, Parts>>()

const partsOf = (type: RecordType, path: string): Parts => {
  let byList = partsByType.get(type)
  if (byList === undefined) {
    byList = new Map(
      Object.entries(type.fields).flatMap(([name, field]): [string, Parts][] => {
        if (field.kind !== 'list') return []
        const cells = Object.entries(field.entry).flatMap(([part, inner]) =>
          inner.kind === 'cell' ? [{ part: escapeSegment(part), isRequired: inner.required }] : [],
        )
        const required = cells.filter(({ isRequired }) => isRequired).map(({ part }) => part)
        return required.length === 0
          ? []
          : [[name, { required, cells: [CREATED, ...cells.map(({ part }) => part)] }]]
      }),
    )
    partsByType.set(type, byList)
  }
  return byList.get(firstSegment(path)) ?? NO_PARTS
}
