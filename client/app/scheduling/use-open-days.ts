import { useEffect } from 'react'
import { Availability, localId } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'

/**
 * The days on the screen are open for as long as they are on it: what another tab of this browser writes on one
 * comes across without a server, which a list alone would have to wait for.
 */
export const useOpenDays = (rows: readonly { readonly id: string }[] | undefined): void => {
  const desk = useDesk()
  const ids = (rows ?? [])
    .map(({ id }) => localId('availability', id))
    .sort()
    .join(' ')
  useEffect(() => {
    const days = ids === '' ? [] : ids.split(' ').map(id => desk.open(Availability, id))
    return () => {
      for (const day of days) day.close()
    }
  }, [desk, ids])
}
