import { NativeSelect } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import type { Choice } from './search-select.tsx'

interface SelectFieldProps extends BoundField {
  readonly choices: readonly Choice[]
  /** What stands for nothing; without it a value must be chosen. */
  readonly none?: string
  /** What to write instead of the bare value, where several fields go together. */
  readonly onChoose?: (value: string | null) => void
  readonly className?: string
}

/** In the device's own list nobody finds one of so many. */
const LISTED_MAX = 200

const SearchSelect = lazy(() => import('./search-select.tsx'))

/** The device's own list: it fits a phone, a keyboard and a screen reader alike. */
export const SelectField = (props: SelectFieldProps) => {
  const { choices, none, onChoose } = props
  const show = (value: unknown): string =>
    choices.find(choice => choice.value === value)?.label ?? String(value ?? '')
  return (
    <FieldFrame {...props} show={show}>
      {(field, inputId) => {
        const value = typeof field.value === 'string' ? field.value : ''
        const isKnown = value === '' || choices.some(choice => choice.value === value)
        const choose = (chosen: string | null): void => {
          if (onChoose === undefined) field.set(chosen)
          else onChoose(chosen)
        }
        if (choices.length > LISTED_MAX)
          return (
            <Suspense>
              <SearchSelect
                id={inputId}
                size="sm"
                value={value}
                choices={isKnown ? choices : [{ value, label: value }, ...choices]}
                isOptional={none !== undefined && value !== ''}
                placeholder={none ?? ''}
                disabled={field.readOnly}
                onFocus={field.focus}
                onBlur={field.blur}
                onChoose={choose}
              />
            </Suspense>
          )
        return (
          <NativeSelect
            id={inputId}
            size="sm"
            value={value}
            disabled={field.readOnly}
            data={[
              ...(none !== undefined || value === '' ? [{ value: '', label: none ?? '' }] : []),
              ...(isKnown ? [] : [{ value, label: value }]),
              ...choices,
            ]}
            onFocus={field.focus}
            onBlur={field.blur}
            onChange={event => choose(event.currentTarget.value === '' ? null : event.currentTarget.value)}
          />
        )
      }}
    </FieldFrame>
  )
}
