import { TextInput } from '@mantine/core'
import type { UsedField } from '../../react/index.ts'
import { type NumberSigns, parseNumber, useNumberSigns } from '../format/read-number.ts'
import { useFormat } from '../format/use-format.ts'
import { useAppWords } from '../words/app-words.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import { Meanwhile } from './line-field.tsx'
import { useDraft } from './use-draft.ts'

interface NumberFieldProps extends BoundField {
  /** Money is in minor units, and typed and shown in major ones. */
  readonly kind?: 'number' | 'integer' | 'money'
  readonly currency?: string
  readonly variant?: 'default' | 'unstyled'
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

const NumberInput = ({ field, inputId, kind = 'number', variant = 'default', show }: NumberInputProps) => {
  const signs = useNumberSigns()
  const scale = kind === 'money' ? 100 : 1
  const editable = (value: unknown): string => numberAsTyped(value, kind, signs)
  const words = useAppWords()
  const write = (text: string): string | null => {
    const number = parseNumber(text, signs)
    if (number === undefined) return null
    const value = number === null || kind === 'number' ? number : Math.round(number * scale)
    return field.set(value) ? editable(value) : null
  }
  const whyNot = (text: string): string | null =>
    parseNumber(text, signs) === undefined ? words.notANumber : null
  const draft = useDraft(editable(field.value), write, whyNot)
  const isWrong = whyNot(draft.text) !== null
  return (
    <>
      <TextInput
        id={inputId}
        size="sm"
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

export const numberAsTyped = (value: unknown, kind: string, { decimal }: NumberSigns): string =>
  typeof value !== 'number'
    ? ''
    : (kind === 'money' ? (value / 100).toFixed(2) : String(value)).replace('.', decimal)
