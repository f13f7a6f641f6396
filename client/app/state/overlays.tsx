import { Drawer, type DrawerProps, Modal, type ModalProps } from '@mantine/core'
import { useMounted, useWindowEvent } from '@mantine/hooks'
import { useAppWords } from '../words/app-words.ts'

export interface WindowProps extends ModalProps {
  /** Where the way back and Escape, which a hand takes by mistake, are not to let go of what is written. */
  readonly onBack?: () => void
}

export const Window = ({ onBack, ...props }: WindowProps) => {
  useEscape(props.opened ? onBack : undefined)
  return (
    <Modal
      {...props}
      {...useOpening(props)}
      {...(onBack === undefined ? {} : { closeOnEscape: false })}
      attributes={{ header: HEAD }}
    />
  )
}

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

/** As Mantine hears it: in a word that is being composed, or a list of choices that is open, it is theirs. */
const useEscape = (onEscape: (() => void) | undefined): void =>
  useWindowEvent(
    'keydown',
    event => {
      if (event.key !== 'Escape' || event.isComposing || !(event.target instanceof Element)) return
      if (event.target.getAttribute('data-mantine-stop-propagation') !== 'true') onEscape?.()
    },
    { capture: true },
  )
