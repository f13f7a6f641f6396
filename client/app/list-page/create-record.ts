import type { FieldsOf, NewValues, RecordType } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { navigate, pathOfRecord } from '../route/route.ts'

/** A new record, there at once, also off line; its page opens. Whether it is made. */
export const useCreateRecord = (): (<T extends RecordType>(
  type: T,
  values: NewValues<FieldsOf<T>>,
) => boolean) => {
  const desk = useDesk()
  return (type, values) =>
    tryTo(() => {
      const record = desk.create(type, values)
      if ('number' in type.actions) record.act('number' as never)
      navigate(pathOfRecord(record.room) ?? '/')
      // The page that opens holds it from now on.
      setTimeout(() => record.close(), 2_000)
    })
}
