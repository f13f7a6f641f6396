import { createContext, type ReactElement, type ReactNode, useContext } from 'react'
import type { Desk } from '../desk.ts'

const DeskContext = createContext<Desk | null>(null)

export const DeskProvider = ({
  desk,
  children,
}: {
  readonly desk: Desk
  readonly children?: ReactNode
}): ReactElement => {
  // As of `connect`, or of a desk that is awaited.
  if (typeof desk?.glance !== 'function')
    throw new TypeError(
      'corecord: <DeskProvider desk={…}> is given the desk, which connect({ … }) answers at once',
    )
  return <DeskContext.Provider value={desk}>{children}</DeskContext.Provider>
}

export const useDesk = (): Desk => {
  const desk = useContext(DeskContext)
  if (desk === null) throw new TypeError('corecord: there is no <DeskProvider desk={…}> above this component')
  return desk
}
