// A picture that is pasted and files that are dropped go to that part of the page which takes some, wherever the cursor
// stands. A file that no part takes is left alone: the browser would open it in place of the page.

import { useEffect, useRef } from 'react'

type Take = (files: readonly File[]) => void

const takers: { readonly current: Take }[] = []

/** While this part is on the screen; null: it takes none now. */
export const useGivenFiles = (take: Take | null): void => {
  const latest = useRef<Take>(() => {})
  latest.current = take ?? latest.current
  const isTaking = take !== null
  useEffect(() => {
    if (!isTaking) return
    takers.push(latest)
    return () => {
      takers.splice(takers.indexOf(latest), 1)
    }
  }, [isTaking])
}

export const listenForFiles = (): void => {
  addEventListener('paste', onPaste, { capture: true })
  addEventListener('dragover', onDragOver)
  addEventListener('drop', onDrop)
}

const onPaste = (event: ClipboardEvent): void => {
  const files = [...(event.clipboardData?.files ?? [])]
  // What is copied from a sheet or a page is text, and a picture of it besides.
  const isText = event.clipboardData?.types.includes('text/plain') === true
  const taker = takers.at(-1)
  if (files.length === 0 || isText || taker === undefined) return
  event.preventDefault()
  event.stopPropagation()
  taker.current(files)
}

const onDragOver = (event: DragEvent): void => {
  if (event.dataTransfer?.types.includes('Files') !== true || isFileInput(event.target)) return
  event.preventDefault()
  event.dataTransfer.dropEffect = takers.length === 0 ? 'none' : 'copy'
}

const onDrop = (event: DragEvent): void => {
  if (event.dataTransfer?.types.includes('Files') !== true || isFileInput(event.target)) return
  event.preventDefault()
  const files = [...event.dataTransfer.files]
  if (files.length > 0) takers.at(-1)?.current(files)
}

const isFileInput = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement && target.type === 'file'
