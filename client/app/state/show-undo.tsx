import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useAppWords } from '../words/app-words.ts'

/** Long enough to read what was done, and to hear that it was wrong. */
const UNDO_MS = 12_000

/** What was done at a press, and the way back from it. */
export const showUndo = (message: string, undo: () => void): void => {
  const id = notifications.show({
    autoClose: UNDO_MS,
    message: (
      <span className="said-undo">
        {message}
        <Button
          size="compact-md"
          variant="light"
          onClick={() => {
            notifications.hide(id)
            undo()
          }}
        >
          {useAppWords.now().undo}
        </Button>
      </span>
    ),
  })
}
