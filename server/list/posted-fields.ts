import type { RecordType } from '../../shared/record/record-type.ts'

/** Fields by whose values rows are found. */
export const postedFieldsOf = (type: RecordType): readonly string[] => {
  const known = posted.get(type)
  if (known !== undefined) return known
  const { belongsTo, list } = type
  const all = [...new Set([...list.equal, ...(belongsTo === null ? [] : [belongsTo])])]
  posted.set(type, all)
  return all
}
const posted = new WeakMap<RecordType, readonly string[]>()
