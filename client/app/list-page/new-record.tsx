// A button that makes a record. What its type insists on is asked before, since nothing can be made without it.

import { Button, type ButtonProps, Popover, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { FieldsOf, NewValues, Patch, RecordType } from '../../../shared/index.ts'
import { useAppWords } from '../words/app-words.ts'

/** What a new one begins with; what depends on the moment is asked when it is made. */
export interface NewRecord<T extends RecordType> {
  readonly values: Patch<FieldsOf<T>> | (() => Patch<FieldsOf<T>>)
  readonly ask?: { readonly field: keyof FieldsOf<T> & string; readonly label: string }
}

interface NewRecordButtonProps<T extends RecordType> extends ButtonProps {
  readonly first: NewRecord<T>
  readonly onMake: (values: NewValues<FieldsOf<T>>) => void
  readonly children: ReactNode
}

export const NewRecordButton = <T extends RecordType>(props: NewRecordButtonProps<T>) => {
  const { first, onMake, children, ...button } = props
  const words = useAppWords()
  const [isOpen, setIsOpen] = useState(false)
  const [text, setText] = useState('')
  const { ask } = first
  /** Whole: what the type insists on stands in `values`, or was asked. */
  const values = (asked: object = {}) =>
    ({
      ...(typeof first.values === 'function' ? first.values() : first.values),
      ...asked,
    }) as NewValues<FieldsOf<T>>
  if (ask === undefined) {
    return (
      <Button {...button} onClick={() => onMake(values())}>
        {children}
      </Button>
    )
  }
  const make = (): void => {
    if (text.trim() === '') return
    setIsOpen(false)
    setText('')
    onMake(values({ [ask.field]: text.trim() }))
  }
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      position="bottom-end"
      withArrow
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button {...button} onClick={() => setIsOpen(!isOpen)}>
          {children}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className="new-record"
          onSubmit={event => {
            event.preventDefault()
            make()
          }}
        >
          <TextInput
            label={ask.label}
            required
            withAsterisk={false}
            data-autofocus
            value={text}
            onChange={event => setText(event.currentTarget.value)}
          />
          <Button type="submit">{words.create}</Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
