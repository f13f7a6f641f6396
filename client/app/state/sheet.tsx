import { Drawer, type DrawerProps } from '@mantine/core'
import { useMounted } from '@mantine/hooks'

/** It comes closed, and opens: only so it knows where the focus was. */
export default function Sheet(props: DrawerProps) {
  const isMounted = useMounted()
  return <Drawer {...props} opened={props.opened && isMounted} />
}
