import { Button } from '@mantine/core'
import { useLayoutEffect, useRef, useState } from 'react'
import { CutShort } from '../state/cut-short.tsx'
import { useAppWords } from '../words/app-words.ts'

interface MoreRowsProps {
  readonly list: {
    readonly hasMore: boolean
    readonly isCut: boolean
    readonly rows: readonly unknown[] | undefined
    readonly more: () => void
  }
}

/** Beneath a list that does not show all that there is. */
export const MoreRows = ({ list }: MoreRowsProps) => {
  const { hasMore, isCut, more } = list
  const words = useAppWords()
  const [isPressed, setIsPressed] = useState(false)
  const end = useRef<HTMLSpanElement>(null)
  // The button goes with the last piece, and whoever pressed it is left at the end of the list, not of nothing.
  useLayoutEffect(() => {
    if (!hasMore && document.activeElement === document.body) end.current?.focus({ preventScroll: true })
  }, [hasMore])
  if (!hasMore)
    return isPressed ? (
      <span ref={end} tabIndex={-1}>
        {isCut ? <CutShort list={list} /> : words.allShown}
      </span>
    ) : null
  return (
    <Button
      variant="default"
      size="sm"
      onClick={() => {
        setIsPressed(true)
        more()
      }}
    >
      {words.showMore}
    </Button>
  )
}
