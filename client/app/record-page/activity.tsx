import { Drawer } from '@mantine/core'
import type { RecordType } from '../../../shared/index.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'

interface ActivityProps {
  readonly type: RecordType
  readonly id: string
  readonly fieldName: (path: string) => string
  readonly showValue: ((path: string, value: unknown) => string) | undefined
  readonly onClose: () => void
}

export default function Activity({ onClose }: ActivityProps) {
  const words = useAppWords()
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      title={words.activity}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <Empty isQuiet title={words.activityOffline} />
    </Drawer>
  )
}
