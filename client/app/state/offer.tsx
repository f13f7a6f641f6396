import { Button, Group, Paper, Text } from '@mantine/core'
import { useAppWords } from '../words/app-words.ts'

interface OfferProps {
  readonly title: string
  readonly text?: string
  readonly yes: string
  readonly onYes: () => void
  readonly onNo: () => void
}

/** Something that may be done, in the corner, for as long as nobody has answered. */
export const Offer = ({ title, text, yes, onYes, onNo }: OfferProps) => {
  const words = useAppWords()
  return (
    <Paper className="offer" withBorder shadow="md" p="md" role="status">
      <Text fw={600} size="sm">
        {title}
      </Text>
      {text !== undefined && (
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      )}
      <Group gap={6} mt="xs">
        <Button size="compact-sm" onClick={onYes}>
          {yes}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={onNo}>
          {words.later}
        </Button>
      </Group>
    </Paper>
  )
}
