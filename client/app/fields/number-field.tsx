import { TextInput } from '@mantine/core'
import type { UsedField } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { localeOf, useLanguage } from '../words/language.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import { Meanwhile } from './line-field.tsx'
import { useDraft } from './use-draft.ts'

interface NumberFieldProps extends BoundField {
  /** Money is in minor units, and typed and shown in major ones. */
  readonly kind?: 'number' | 'integer' | 'money'
  readonly currency?: string
  readonly size?: 'xs' | 'sm' | 'md'
  readonly variant?: 'default' | 'unstyled'
  readonly className?: string
}

export const NumberField = (props: NumberFieldProps) => {
  const format = useFormat()
  const { kind = 'number', currency } = props
  const show = (value: unknown): string =>
    typeof value !== 'number' ? '' : kind === 'money' ? format.money(value, currency) : format.number(value)
  return (
    <FieldFrame {...props} show={show}>
      {(field, inputId) => <NumberInput {...props} field={field} inputId={inputId} show={show} />}
    </FieldFrame>
  )
}

interface NumberInputProps extends NumberFieldProps {
  readonly field: UsedField<unknown>
  readonly inputId: string
  readonly show: (value: unknown) => string
}

const NumberInput = ({
  field,
  inputId,
  kind = 'number',
  size = 'sm',
  variant = 'default',
  show,
}: NumberInputProps) => {
  const language = useLanguage()
  const separator = decimalSeparator(localeOf(language))
  const scale = kind === 'money' ? 100 : 1
  const editable = typeof field.value === 'number' ? written(field.value / scale, kind, separator) : ''
  const draft = useDraft(editable, text => {
    const value = parseNumber(text)
    if (value === undefined) return
    field.set(value === null ? null : kind === 'number' ? value : Math.round(value * scale))
  })
  const isWrong = parseNumber(draft.text) === undefined
  return (
    <>
      <TextInput
        id={inputId}
        size={size}
        variant={variant}
        inputMode="decimal"
        classNames={{ input: 'number-input' }}
        value={draft.text}
        error={isWrong}
        readOnly={field.readOnly}
        onChange={event => draft.change(event.currentTarget.value)}
        onKeyDown={draft.onKeyDown}
        onFocus={event => {
          field.focus()
          event.currentTarget.select()
        }}
        onBlur={() => {
          draft.commit()
          field.blur()
        }}
      />
      {draft.meanwhile !== null && (
        <Meanwhile by={field.by} value={show(field.value)} onTake={draft.takeTheirs} />
      )}
    </>
  )
}

const written = (value: number, kind: string, separator: string): string =>
  (kind === 'money' ? value.toFixed(2) : String(value)).replace('.', separator)

/** Null for nothing, undefined for what is no number. Groups may be set apart, and the decimal sign be either. */
export const parseNumber = (text: string): number | null | undefined => {
  const bare = text.replace(/[\s\u00a0\u202f'’]/g, '')
  if (bare === '') return null
  const lastSign = Math.max(bare.lastIndexOf(','), bare.lastIndexOf('.'))
  const digits =
    lastSign < 0 ? bare : `${bare.slice(0, lastSign).replace(/[.,]/g, '')}.${bare.slice(lastSign + 1)}`
  if (!/^-?\d*\.?\d*$/.test(digits) || !/\d/.test(digits)) return undefined
  return Number(digits)
}

const decimalSeparator = (locale: string): string =>
  new Intl.NumberFormat(locale).formatToParts(1.5).find(part => part.type === 'decimal')?.value ?? '.'
