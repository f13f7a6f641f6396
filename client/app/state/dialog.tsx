// What lies over the page: as Mantine has it, and the way back closes it.

import { Drawer as Sheet, type DrawerProps, Modal as Window, type ModalProps } from '@mantine/core'
import { useBackCloses } from '../route/back-closes.ts'

export const Modal = (props: ModalProps) => {
  useBackCloses(props.opened, props.onClose)
  return <Window {...props} />
}

export const Drawer = (props: DrawerProps) => {
  useBackCloses(props.opened, props.onClose)
  return <Sheet {...props} />
}
