import { useCallback } from 'react'
import type * as Y from 'yjs'
import { gatingFields } from '../../shared/record/access.ts'
import type { FieldsOf, RecordType } from '../../shared/record/record-type.ts'
import type { TextField } from '../../shared/record/field.ts'
import type { SaveState } from '../record/edit-ledger.ts'
import type { Person } from '../record/presence.ts'
import { useTracked } from './tracked.ts'
import { useOpen } from './use-record.ts'

export interface UsedText {
  readonly text: string | undefined
  /** For an editor to bind to. Another one after a fresh start. */
  readonly ytext: Y.Text | null
  readonly save: SaveState
  readonly people: readonly Person[]
  readonly readOnly: boolean
}

type TextName<T extends RecordType> = RecordType extends T
  ? string
  : {
      [K in keyof FieldsOf<T> & string]: FieldsOf<T>[K] extends TextField ? K : never
    }[keyof FieldsOf<T> & string]

export const useText = <T extends RecordType>(type: T, id: string | null, name: TextName<T>): UsedText => {
  const { record, subscribe } = useOpen(type, id)
  if (type.fields[name]?.kind !== 'text') throw new TypeError(`«${name}» is no text of ${type.name}`)
  const read = (key: string): unknown => {
    if (record === null || record.state !== 'ready') return EMPTY[key as keyof UsedText]
    // That it is a text of the type, the type's own table says.
    if (key === 'ytext') return record.text(name as never)
    if (key === 'text') return record.field(name).value
    if (key === 'readOnly') return record.status.readOnly || record.locked(name) !== null
    return record.field(name)[key as 'save' | 'people']
  }
  const subscribeAll = useCallback(
    (tell: () => void) => {
      // What the rules look at decides whether this can be written.
      const stops = [name, ...gatingFields(type)].map(path => subscribe(path)(tell))
      return () => {
        for (const stop of stops) stop()
      }
    },
    [subscribe, type, name],
  )
  return useTracked<UsedText>(subscribeAll, read, TEXT_NAMES, {}, key => EMPTY[key as keyof UsedText])
}

const EMPTY: UsedText = Object.freeze({
  text: undefined,
  ytext: null,
  save: 'saved',
  people: [],
  readOnly: true,
})
const TEXT_NAMES = ['text', 'ytext', 'save', 'people', 'readOnly'] as const
