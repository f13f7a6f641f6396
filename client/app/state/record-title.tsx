import { localId, type RecordType } from '../../../shared/index.ts'
import { useDesk, useRecord } from '../../react/index.ts'

/** What a record is known by, as whoever searches for it knows it; where it cannot be read, its id. */
export const RecordTitle = ({ room }: { readonly room: string }) => {
  const type = useDesk().records.find(({ name }) => name === typeOf(room))
  const id = localId(typeOf(room), room)
  return type === undefined ? id : <Title type={type} id={id} />
}

export const typeOf = (room: string): string => room.slice(0, room.indexOf(':'))

const Title = ({ type, id }: { readonly type: RecordType; readonly id: string }) => {
  const title = useRecord(type, id, view => {
    const known = type.list.search
      .slice(0, 2)
      // A view of any type is read by name here.
      .map(field => (view as { readonly [field: string]: unknown })[field])
      .filter(value => typeof value === 'string' && value !== '')
    return known.length > 0 ? known.join(' ') : type.title(view)
  })
  return title ?? id
}
