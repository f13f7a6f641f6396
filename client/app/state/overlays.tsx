import { Drawer, type DrawerProps, Modal, type ModalProps } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { useAppWords } from '../words/app-words.ts'

export const Window = (props: ModalProps) => (
  <Modal {...props} {...useOpening(props)} attributes={{ header: HEAD }} />
)

export const Sheet = (props: DrawerProps) => (
  <Drawer {...props} {...useOpening(props)} attributes={{ header: HEAD }} />
)

/** The head of a dialog is not a second head of the page. */
const HEAD = { role: 'none' }

/** It comes closed, and opens: only so it knows where the focus was. */
const useOpening = ({
  opened,
  closeButtonProps,
}: Pick<ModalProps, 'opened' | 'closeButtonProps'>): Pick<ModalProps, 'opened' | 'closeButtonProps'> => {
  const isMounted = useMounted()
  const words = useAppWords()
  return { opened: opened && isMounted, closeButtonProps: { 'aria-label': words.close, ...closeButtonProps } }
}
