// Undo, per person: by button, and by the keys where they are not an input's own. What stays as it is because
// somebody has changed it since is said.

import { ActionIcon } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react'
import { useCallback, useEffect, useRef } from 'react'
import type { RecordType, UndoResult } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useRecord } from '../../react/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { useAppWords } from '../words/app-words.ts'

type TellUndo = (result: UndoResult | null) => void

export const useTellUndo = (fieldName: (path: string) => string): TellUndo => {
  const words = useAppWords()
  const nameOf = useNameOf()
  const latest = useRef({ words, nameOf, fieldName })
  latest.current = { words, nameOf, fieldName }
  return useCallback(result => {
    const now = latest.current
    for (const { path, by, why } of result?.kept ?? []) {
      const name = now.fieldName(path)
      const message =
        why === 'permanent' ? now.words.undoPermanent(name) : now.words.undoKept(now.nameOf(by), name)
      notifications.show({ color: 'yellow', message })
    }
  }, [])
}

interface UndoButtonsProps {
  readonly type: RecordType
  readonly id: string
  readonly fieldName: (path: string) => string
}

export const UndoButtons = ({ type, id, fieldName }: UndoButtonsProps) => {
  const words = useAppWords()
  const tell = useTellUndo(fieldName)
  const { record } = useRecord(type, id)
  // Any edit may change what can be undone.
  useRecord(type, id, view => view)
  if (record === null || (!record.canUndo && !record.canRedo)) return null
  return (
    <ActionIcon.Group>
      <ActionIcon
        variant="default"
        size={36}
        aria-label={words.undo}
        title={words.undo}
        disabled={!record.canUndo}
        onClick={() => tell(record.undo())}
      >
        <IconArrowBackUp size={18} />
      </ActionIcon>
      <ActionIcon
        variant="default"
        size={36}
        aria-label={words.redo}
        title={words.redo}
        disabled={!record.canRedo}
        onClick={() => tell(record.redo())}
      >
        <IconArrowForwardUp size={18} />
      </ActionIcon>
    </ActionIcon.Group>
  )
}

/** In an input the keys are the input's. */
export const useUndoKeys = (record: LiveRecord | null, tell: TellUndo): void => {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || record === null) return
      const isInInput =
        event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]') !== null
      // What a notice offers to take back is taken back first.
      if (isInInput || event.defaultPrevented) return
      event.preventDefault()
      tell(event.shiftKey ? record.redo() : record.undo())
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [record, tell])
}
