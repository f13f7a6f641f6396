// A button that makes a record. What its type insists on is asked before, since nothing can be made without it.

import { Button, type ButtonProps, Popover, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { FieldsOf, NewValues, Patch, RecordType } from '../../../shared/index.ts'
import { useKeptDraft } from '../session/use-kept-draft.ts'
import { useAppWords } from '../words/app-words.ts'

/** What a new one begins with; what depends on the moment is asked when it is made. */
export interface NewRecord<T extends RecordType> {
  readonly values: Patch<FieldsOf<T>> | (() => Patch<FieldsOf<T>>)
  readonly ask?: { readonly field: keyof FieldsOf<T> & string; readonly label: string }
}

interface NewRecordButtonProps<T extends RecordType> extends ButtonProps {
  /** What is begun: under this name the words lie that are not sent yet. */
  readonly about: string
  readonly first: NewRecord<T>
  /** Whether it is made; where it is not, what was typed stays. */
  readonly onMake: (values: NewValues<FieldsOf<T>>) => boolean | Promise<boolean>
  readonly children: ReactNode
}

export const NewRecordButton = <T extends RecordType>(props: NewRecordButtonProps<T>) => {
  const { about, first, onMake, children, ...button } = props
  const words = useAppWords()
  const [isOpen, setIsOpen] = useState(false)
  const [text, setText] = useKeptDraft(`new ${about}`)
  const { ask } = first
  /** Whole: what the type insists on stands in `values`, or was asked. */
  const values = (asked: object = {}) =>
    ({
      ...(typeof first.values === 'function' ? first.values() : first.values),
      ...asked,
    }) as NewValues<FieldsOf<T>>
  if (ask === undefined) {
    return (
      <Button {...button} onClick={() => void onMake(values())}>
        {children}
      </Button>
    )
  }
  const make = async (): Promise<void> => {
    if (text.trim() === '' || !(await onMake(values({ [ask.field]: text.trim() })))) return
    setIsOpen(false)
    setText('')
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
            void make()
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
