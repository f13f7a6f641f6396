import { localId, type RecordType, titleIn } from '../../../shared/index.ts'
import { useDesk, useRecord } from '../../react/index.ts'
import { useLanguage } from '../words/language.ts'

/** What a record is known by, as whoever searches for it knows it; where it cannot be read, its id. */
export const RecordTitle = ({ room }: { readonly room: string }) => {
  const type = useTypeOf(room)
  return type === undefined ? (
    room.slice(room.indexOf(':') + 1)
  ) : (
    <Title type={type} id={localId(type.name, room)} />
  )
}

/** Undefined: the desk knows no such type. */
export const useTypeOf = (room: string): RecordType | undefined => {
  const typeName = room.slice(0, room.indexOf(':'))
  return useDesk().records.find(({ name }) => name === typeName)
}

const Title = ({ type, id }: { readonly type: RecordType; readonly id: string }) => {
  const language = useLanguage()
  const title = useRecord(
    type,
    id,
    view => {
      const known = type.list.search
        .slice(0, 2)
        // A view of any type is read by name here.
        .map(field => (view as { readonly [field: string]: unknown })[field])
        .filter(value => typeof value === 'string' && value !== '')
      return known.length > 0 ? known.join(' ') : titleIn(type, language, view)
    },
    { unseen: true },
  )
  return title ?? id
}
