import type { CellIndex } from '../../shared/record/cell-index.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import {
  type BlobRef,
  type BlobRule,
  type EntryFields,
  type Field,
  matchesType,
} from '../../shared/record/field.ts'
import { splitPath } from '../../shared/record/path.ts'
import { isSlot, slotAt } from '../../shared/record/slot.ts'
import type { Value } from '../../shared/record/value.ts'
import { isObject } from '../../shared/is-object.ts'

/** Where records refer to files, and what may be referred to there. */
export interface BlobReference {
  readonly ref: BlobRef
  readonly rule: BlobRule
}

/** The rule of the field that a path names; null where no file can stand. */
export function blobRuleAt(type: RecordType, path: string): BlobRule | null {
  const slot = slotAt(type, path)
  return isSlot(slot) ? (slot.field?.spec.blob ?? null) : null
}

/** The files that a value at a path refers to: itself, or the parts of a log's entry. */
export function referencesIn(type: RecordType, path: string, value: Value): BlobReference[] {
  const field = type.fields[splitPath(path)[0] ?? '']
  if (field?.kind === 'log' && isObject(value)) {
    return Object.entries(field.entry).flatMap(([part, { spec }]) => {
      const ref = blobRef(value[part] ?? null)
      return spec.blob === undefined || ref === null ? [] : [{ ref, rule: spec.blob }]
    })
  }
  const rule = blobRuleAt(type, path)
  const ref = blobRef(value)
  return rule === null || ref === null ? [] : [{ ref, rule }]
}

/** All that stand in a record, those of values that lost a merge too: somebody may still pick them. */
export function* referencesOf(
  type: RecordType,
  index: Pick<CellIndex, 'cells'>,
): Generator<BlobReference & { readonly path: string }> {
  for (const { path, value } of index.cells())
    for (const reference of referencesIn(type, path, value)) yield { ...reference, path }
}

export function hasBlobs(type: RecordType): boolean {
  return rulesOf(type).length > 0
}

export function rulesOf(type: RecordType): BlobRule[] {
  return Object.values(type.fields).flatMap(rulesOfField)
}

/** What is executable is taken only where a field asks for it by name. */
export function takesType({ types }: BlobRule, type: string, isExecutable: boolean): boolean {
  return isExecutable ? types.includes(type) : matchesType(types, type)
}

function rulesOfField(field: Field): BlobRule[] {
  if (field.kind === 'cell') return field.spec.blob === undefined ? [] : [field.spec.blob]
  if (field.kind !== 'list' && field.kind !== 'log') return []
  const entry: EntryFields = field.entry
  return Object.values(entry).flatMap(part => (part.kind === 'cell' ? rulesOfField(part) : []))
}

function blobRef(value: Value): BlobRef | null {
  if (!isObject(value)) return null
  const { hash, type, bytes, name } = value
  return typeof hash === 'string' &&
    typeof type === 'string' &&
    typeof bytes === 'number' &&
    typeof name === 'string'
    ? { hash, type, bytes, name }
    : null
}
