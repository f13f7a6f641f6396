// Which texts a record's doc holds.

import * as Y from 'yjs'
import { CELLS } from './cell.ts'
import type { RecordType } from './record-type.ts'

/** Also those of fields that this type has no more, or not yet: whoever declares them finds what they held, as in cells. */
export const textsIn = (type: RecordType, doc: Y.Doc): readonly string[] => {
  const declared = Object.keys(type.fields).filter(name => type.fields[name]?.kind === 'text')
  const others = [...doc.share.keys()].filter(name => !declared.includes(name) && isText(doc, name))
  return [...declared, ...others.sort()]
}

/** Of a root that nobody has asked for yet Yjs does not know what it is. */
const isText = ({ share }: Y.Doc, name: string): boolean => {
  const root = share.get(name)
  if (root === undefined || name === CELLS) return false
  if (root.constructor !== Y.AbstractType && !(root instanceof Y.Text)) return false
  for (let item = root._start; item !== null; item = item.right) {
    if (!item.deleted && !TEXT_CONTENT.some(kind => item?.content instanceof kind)) return false
  }
  return true
}

const TEXT_CONTENT = [Y.ContentString, Y.ContentFormat, Y.ContentEmbed]
