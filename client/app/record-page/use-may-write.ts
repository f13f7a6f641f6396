import type { RecordType } from '../../../shared/index.ts'
import { useLocked, useRecord } from '../../react/index.ts'

/** Whether what is offered would be taken, by the type's own rules; of a list or set, whether one can add to it. */
export const useMayWrite = (type: RecordType, id: string | null, path: string): boolean => {
  const { status } = useRecord(type, id)
  const locked = useLocked(type, id, path)
  return locked === null && !status.readOnly
}
