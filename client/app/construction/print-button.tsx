import { ActionIcon, Button } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { useConstructionWords } from './construction-words.ts'

/** On a phone a sign, beside what one does there more often. */
export const PrintButton = () => {
  const words = useConstructionWords()
  return (
    <>
      <Button
        variant="default"
        visibleFrom="sm"
        leftSection={<IconPrinter size={16} />}
        onClick={() => print()}
      >
        {words.print}
      </Button>
      <ActionIcon
        variant="default"
        hiddenFrom="sm"
        size={36}
        aria-label={words.print}
        onClick={() => print()}
      >
        <IconPrinter size={18} />
      </ActionIcon>
    </>
  )
}
