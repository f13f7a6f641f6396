import { TagsInput } from '@mantine/core'
import { useState } from 'react'
import type { LiveRecord } from '../../index.ts'
import { useRecord } from '../../react/index.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import { useLeaving } from './use-leaving.ts'

interface TagsFieldProps extends BoundField {
  readonly suggestions?: readonly string[]
  readonly className?: string
}

/** A set: what two people add at once is in it twice over and once. */
export const TagsField = (props: TagsFieldProps) => {
  const record = useRecord(props.type, props.id).record as LiveRecord | null
  const [typed, setTyped] = useState('')
  const union = () => record?.union(props.path as never)
  // The last word, which nobody has ended: as if the field were left.
  const end = (): void => {
    const word = typed.trim()
    if (word !== '' && tryTo(() => union()?.add(word))) setTyped('')
  }
  useLeaving(end, end)
  return (
    <FieldFrame {...props}>
      {(field, inputId) => {
        const value = textsOf(field.value)
        return (
          <TagsInput
            id={inputId}
            size="sm"
            value={[...value]}
            data={[...(props.suggestions ?? [])]}
            disabled={field.readOnly}
            searchValue={typed}
            onSearchChange={setTyped}
            onFocus={field.focus}
            onBlur={field.blur}
            onChange={tags => {
              // What is not taken is there to be shortened.
              if (!tryTo(() => union()?.set(tags)))
                setTyped(tags.filter(tag => !value.includes(tag)).join(', '))
            }}
          />
        )
      }}
    </FieldFrame>
  )
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(part => typeof part === 'string') : []
