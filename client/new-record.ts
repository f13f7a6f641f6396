// What a new record begins with. Nothing of it is written before it is known that all of it can be, and be sent.

import * as Y from 'yjs'
import { RECORD_PATH } from '../shared/record/path.ts'
import { RecordOnDoc } from '../shared/record/record.ts'
import { RecordError } from '../shared/record/record-error.ts'
import type { RecordType } from '../shared/record/record-type.ts'
import { parseRoomName } from '../shared/record/room-name.ts'
import { isObject } from '../shared/is-object.ts'
import type { NewRecordOptions } from './connect-options.ts'
import type { RecordOnDesk } from './record/record-on-desk.ts'
import type { Workplace } from './record/workplace.ts'

/** Else a record would be made under another id than somebody thinks, or without what it was to begin with. */
export const idIn = (options: NewRecordOptions): string | undefined => {
  const {
    id,
    entries = {},
    ...others
  }: { readonly id?: unknown; readonly entries?: unknown } = typeof options === 'object' && options !== null
    ? options
    : { id: null }
  if ((id === undefined || typeof id === 'string') && isObject(entries) && Object.keys(others).length === 0)
    return id
  throw new TypeError('the options of a new record are { id, entries }: a text, and lists by their names')
}

/** What is written off line is sent by the types of the desk that comes next: it has to know them. */
export const assertCanBeSent = (types: readonly RecordType[], { name }: RecordType, id: string): void => {
  if (!types.some(known => known.name === name))
    throw new TypeError(`«${name}» is none of the records that this desk was connected with`)
  if (parseRoomName(`${name}:${id}`) === null)
    throw new RecordError([
      {
        code: 'BAD_ROOM_NAME',
        path: RECORD_PATH,
        sentence: `«${id.slice(0, 80)}» cannot be the id of a record: it is empty, too long, «.» or «..», or has a «~» or a control character`,
      },
    ])
}

/** Values and entries are several writes: made in a draft first, so that of none that is refused part stands. */
export const assertCanBegin = (
  { me, clock }: Pick<Workplace, 'me' | 'clock'>,
  type: RecordType,
  id: string,
  values: object,
  options: NewRecordOptions,
): void => {
  if (options.entries === undefined) return
  writeBeginning(new RecordOnDoc(type, new Y.Doc(), { id, author: me.id, me, clock }), values, options)
}

export const fill = (record: RecordOnDesk, values: object, options: NewRecordOptions): void => {
  try {
    writeBeginning(record, values, options)
  } catch (error) {
    record.close()
    throw error
  }
}

const writeBeginning = (
  record: RecordOnDesk | RecordOnDoc,
  values: object,
  { entries: lists = {} }: NewRecordOptions,
): void => {
  record.set(values as Parameters<RecordOnDesk['set']>[0])
  for (const [name, entries] of Object.entries(lists)) {
    const list = record.list(name) as { add(entry: object): string }
    if (!Array.isArray(entries))
      throw new TypeError(`entries.${name} is a list of what it has from the beginning`)
    for (const entry of entries) list.add(entry)
  }
}
