import { TagsInput } from '@mantine/core'
import { useState } from 'react'
import type { LiveRecord } from '../../index.ts'
import { useRecord } from '../../react/index.ts'
import { sayUnwritten, tryTo } from '../record-page/say-trouble.ts'
import { useAppWords } from '../words/app-words.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import { useLeaving } from './use-leaving.ts'

interface TagsFieldProps extends BoundField {
  readonly suggestions?: readonly string[]
  readonly className?: string
}

/** A set: what two people add at once is in it twice over and once. */
export const TagsField = (props: TagsFieldProps) => {
  const words = useAppWords()
  const record = useRecord(props.type, props.id).record as LiveRecord | null
  const [typed, setTyped] = useState('')
  const union = () => record?.union(props.path as never)
  // The last word, which nobody has ended: as if the field were left.
  const end = (): boolean => {
    const word = typed.trim()
    const isTaken = word === '' || tryTo(() => union()?.add(word))
    if (isTaken) setTyped('')
    return isTaken
  }
  useLeaving(end, () => {
    if (!end()) sayUnwritten(typed.trim(), words.leftUnsaved)
  })
  return (
    <FieldFrame {...props}>
      {(field, inputId) => {
        const value = textsOf(field.value)
        return (
          <TagsInput
            id={inputId}
            size="sm"
            value={[...value]}
            // Two people may have one name, and Mantine shows no list in which a word stands twice.
            data={[...new Set(props.suggestions)]}
            disabled={field.readOnly}
            searchValue={typed}
            onSearchChange={text => {
              // A keyboard on glass names no key: its comma comes as text. What was refused has commas of its own.
              const isEnded = text.endsWith(',') && text.length > typed.length
              const words = isEnded ? text.split(',').map(word => word.trim()) : []
              const isTaken = isEnded && tryTo(() => union()?.add(...words.filter(word => word !== '')))
              setTyped(isTaken ? '' : text)
            }}
            onFocus={field.focus}
            onBlur={field.blur}
            onChange={tags => {
              const added = tags.filter(tag => !value.includes(tag)).map(tag => tag.trim())
              const kept = tags.filter(tag => value.includes(tag))
              const isTaken = tryTo(() => union()?.set([...kept, ...added.filter(tag => tag !== '')]))
              // What is not taken is there to be shortened: Mantine empties the field once it has handed this on.
              if (!isTaken && added.length > 0) queueMicrotask(() => setTyped(added.join(', ')))
            }}
          />
        )
      }}
    </FieldFrame>
  )
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(part => typeof part === 'string') : []
