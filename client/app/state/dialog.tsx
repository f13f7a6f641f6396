// What lies over the page: as Mantine has it, fetched after the first page, and the way back closes it.

import type { DrawerProps } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useBackCloses } from '../route/back-closes.ts'
import { afterStart } from './after-start.ts'
import { NotCome } from './not-come.tsx'
import type { WindowProps } from './overlays.tsx'

const fetched = afterStart(() => import('./overlays.tsx'))
const Window = lazy(async () => ({ default: (await fetched).Window }))
const Sheet = lazy(async () => ({ default: (await fetched).Sheet }))

export const Modal = (props: WindowProps) => {
  useBackCloses(props.opened, props.onBack ?? props.onClose)
  return (
    <Suspense fallback={<NotCome isAsked={props.opened} onNo={props.onClose} />}>
      {useHasOpened(props.opened) && <Window {...props} />}
    </Suspense>
  )
}

export const Drawer = (props: DrawerProps) => {
  useBackCloses(props.opened, props.onClose)
  return (
    <Suspense fallback={<NotCome isAsked={props.opened} onNo={props.onClose} />}>
      {useHasOpened(props.opened) && <Sheet {...props} />}
    </Suspense>
  )
}

/** From then on it stays, closed, so that it is seen to close. */
const useHasOpened = (isOpen: boolean): boolean => {
  const [hasOpened, setHasOpened] = useState(isOpen)
  if (isOpen && !hasOpened) setHasOpened(true)
  return hasOpened
}
