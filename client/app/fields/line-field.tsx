import { Textarea, TextInput } from '@mantine/core'
import type { UsedField } from '../../react/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { useAppWords } from '../words/app-words.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import { useDraft } from './use-draft.ts'

interface LineFieldProps extends BoundField {
  readonly size?: 'xs' | 'sm' | 'md' | 'lg'
  readonly isMultiline?: boolean
  readonly kind?: 'text' | 'tel'
  readonly variant?: 'default' | 'unstyled' | 'filled'
  readonly className?: string
}

/** A text that merges as a whole. */
export const LineField = (props: LineFieldProps) => (
  <FieldFrame {...props}>
    {(field, inputId) => <LineInput field={field} inputId={inputId} {...props} />}
  </FieldFrame>
)

interface LineInputProps extends LineFieldProps {
  readonly field: UsedField<unknown>
  readonly inputId: string
}

const LineInput = ({
  field,
  inputId,
  size = 'sm',
  isMultiline,
  kind = 'text',
  variant = 'default',
}: LineInputProps) => {
  const value = typeof field.value === 'string' ? field.value : ''
  const draft = useDraft(value, text => (field.set(text === '' ? null : text) ? text : null))
  const shared = {
    id: inputId,
    size,
    variant,
    value: draft.text,
    readOnly: field.readOnly,
    // An address is the customer's: a browser would offer one's own, and fill it into all that stands around.
    autoComplete: 'off',
    onFocus: field.focus,
    onBlur: () => {
      draft.commit()
      field.blur()
    },
  }
  return (
    <>
      {isMultiline === true ? (
        <Textarea
          {...shared}
          autosize
          minRows={2}
          maxRows={12}
          onChange={event => draft.change(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          {...shared}
          type={kind}
          onChange={event => draft.change(event.currentTarget.value)}
          onKeyDown={draft.onKeyDown}
        />
      )}
      {draft.meanwhile !== null && (
        <Meanwhile by={field.by} value={draft.meanwhile} onTake={draft.takeTheirs} />
      )}
    </>
  )
}

interface MeanwhileProps {
  readonly by: string | null
  readonly value: string
  readonly onTake: () => void
}

export const Meanwhile = ({ by, value, onTake }: MeanwhileProps) => {
  const words = useAppWords()
  const nameOf = useNameOf()
  return (
    <div className="field-meanwhile" role="status">
      {words.meanwhile(nameOf(by))} «{value === '' ? words.noValue : value}»
      {/* Before the blur of the input commits what was typed. */}
      <button type="button" className="conflict-chip" onMouseDown={onTake} onClick={onTake}>
        {words.takeTheirs}
      </button>
    </div>
  )
}
