import { Modal, type ModalProps } from '@mantine/core'
import { useMounted } from '@mantine/hooks'

/** It comes closed, and opens: only so it knows where the focus was. */
export default function Window(props: ModalProps) {
  const isMounted = useMounted()
  return <Modal {...props} opened={props.opened && isMounted} />
}
