import { TagsInput } from '@mantine/core'
import { useRecord } from '../../react/index.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'

interface TagsFieldProps extends BoundField {
  readonly suggestions?: readonly string[]
  readonly className?: string
}

/** A set: what two people add at once is in it twice over and once. */
export const TagsField = (props: TagsFieldProps) => {
  const { set } = useRecord(props.type, props.id)
  return (
    <FieldFrame {...props}>
      {(field, inputId) => (
        <TagsInput
          id={inputId}
          size="sm"
          value={isTexts(field.value) ? [...field.value] : []}
          data={[...(props.suggestions ?? [])]}
          disabled={field.readOnly}
          onFocus={field.focus}
          onBlur={field.blur}
          onChange={tags => set({ [props.path]: tags })}
        />
      )}
    </FieldFrame>
  )
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(part => typeof part === 'string')
