import { Button } from '@mantine/core'
import { useAppWords } from '../words/app-words.ts'

interface MoreRowsProps {
  readonly list: { readonly hasMore: boolean; readonly more: () => void }
}

/** Beneath a list that does not show all that there is. */
export const MoreRows = ({ list }: MoreRowsProps) => {
  const words = useAppWords()
  return list.hasMore ? (
    <Button variant="default" size="sm" onClick={list.more}>
      {words.showMore}
    </Button>
  ) : null
}
