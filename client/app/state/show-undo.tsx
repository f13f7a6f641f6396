import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useAppWords } from '../words/app-words.ts'

/** Long enough to read what was done, and to hear that it was wrong. */
const UNDO_MS = 12_000

/** The latest one is last. */
const shown: (() => void)[] = []

/** What was done at a press, and the way back from it; by the keys as well, for whom a corner of the screen is far. */
export const showUndo = (message: string, undo: () => void): void => {
  const take = (): void => {
    notifications.hide(id)
    undo()
  }
  if (shown.length === 0) addEventListener('keydown', undoByKeys)
  shown.push(take)
  const id = notifications.show({
    autoClose: UNDO_MS,
    onClose: () => {
      shown.splice(shown.indexOf(take), 1)
      if (shown.length === 0) removeEventListener('keydown', undoByKeys)
    },
    message: (
      <span className="said-undo">
        {message}
        <Button size="compact-md" variant="light" aria-keyshortcuts="Control+Z" onClick={take}>
          {useAppWords.now().undo}
          <kbd className="said-undo-key for-mouse" aria-hidden>
            Ctrl Z
          </kbd>
        </Button>
      </span>
    ),
  })
}

/** In an input the keys are the input's. */
const undoByKeys = (event: KeyboardEvent): void => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== 'z') return
  if (event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]') !== null)
    return
  event.preventDefault()
  shown.at(-1)?.()
}
