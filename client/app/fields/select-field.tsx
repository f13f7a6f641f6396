import { NativeSelect } from '@mantine/core'
import { type BoundField, FieldFrame } from './field-frame.tsx'

export interface Choice {
  readonly value: string
  readonly label: string
}

interface SelectFieldProps extends BoundField {
  readonly choices: readonly Choice[]
  /** What stands for nothing; without it a value must be chosen. */
  readonly none?: string
  /** What to write instead of the bare value, where several fields go together. */
  readonly onChoose?: (value: string | null) => void
  readonly size?: 'xs' | 'sm' | 'md'
  readonly className?: string
}

/** The device's own list: it fits a phone, a keyboard and a screen reader alike. */
export const SelectField = (props: SelectFieldProps) => {
  const { choices, none, onChoose, size = 'sm' } = props
  const show = (value: unknown): string =>
    choices.find(choice => choice.value === value)?.label ?? String(value ?? '')
  return (
    <FieldFrame {...props} show={show}>
      {(field, inputId) => {
        const value = typeof field.value === 'string' ? field.value : ''
        const isKnown = value === '' || choices.some(choice => choice.value === value)
        return (
          <NativeSelect
            id={inputId}
            size={size}
            value={value}
            disabled={field.readOnly}
            data={[
              ...(none !== undefined || value === '' ? [{ value: '', label: none ?? '' }] : []),
              ...(isKnown ? [] : [{ value, label: value }]),
              ...choices,
            ]}
            onFocus={field.focus}
            onBlur={field.blur}
            onChange={event => {
              const chosen = event.currentTarget.value === '' ? null : event.currentTarget.value
              if (onChoose === undefined) field.set(chosen)
              else onChoose(chosen)
            }}
          />
        )
      }}
    </FieldFrame>
  )
}
