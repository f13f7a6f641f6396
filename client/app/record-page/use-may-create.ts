import type { RecordType } from '../../../shared/index.ts'
import { useHasRole } from '../session/use-my-id.ts'

/** Whether to offer it: a rule that looks at the record itself is asked by the server. */
export const useMayCreate = ({ access: { create } }: RecordType): boolean => {
  const hasRole = useHasRole(...(Array.isArray(create) ? create : []))
  return Array.isArray(create) ? hasRole : create !== false
}
