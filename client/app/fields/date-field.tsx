import { TextInput } from '@mantine/core'
import { useRef } from 'react'
import type { UsedField } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import { Meanwhile } from './line-field.tsx'
import { useDraft } from './use-draft.ts'

interface DateFieldProps extends BoundField {
  /** A `date` is a day anywhere; a `time` is a moment. */
  readonly kind?: 'date' | 'time'
  readonly className?: string
}

export const DateField = (props: DateFieldProps) => {
  const format = useFormat()
  const show = (value: unknown): string =>
    typeof value === 'number' ? format.dateTime(value) : typeof value === 'string' ? format.date(value) : ''
  return (
    <FieldFrame {...props} show={show}>
      {(field, inputId) => <DateInput {...props} field={field} inputId={inputId} show={show} />}
    </FieldFrame>
  )
}

interface DateInputProps extends DateFieldProps {
  readonly field: UsedField<unknown>
  readonly inputId: string
  readonly show: (value: unknown) => string
}

const DateInput = ({ field, inputId, kind = 'date', show }: DateInputProps) => {
  const input = useRef<HTMLInputElement | null>(null)
  const isHeldBack = useRef(false)
  const value = kind === 'date' ? String(field.value ?? '') : localMinute(field.value)
  const draft = useDraft(value, text => {
    // Of half a date nothing is known yet, and the first figures of a year are another year.
    isHeldBack.current = input.current?.validity.badInput === true || (text !== '' && text < '1000')
    if (isHeldBack.current) return null
    const written = text === '' ? null : kind === 'date' ? text : Date.parse(text)
    return !Number.isNaN(written) && field.set(written) ? text : null
  })
  return (
    <>
      <TextInput
        id={inputId}
        size="sm"
        type={kind === 'date' ? 'date' : 'datetime-local'}
        classNames={{ input: 'date-input' }}
        value={draft.text}
        readOnly={field.readOnly}
        onKeyDown={draft.onKeyDown}
        onFocus={field.focus}
        onBlur={({ currentTarget }) => {
          // Emptied part by part: of the last a browser says nothing.
          const isEmpty = currentTarget.value === '' && !currentTarget.validity.badInput
          if (isHeldBack.current && isEmpty && value !== '') field.set(null)
          draft.commit()
          field.blur()
        }}
        onChange={({ currentTarget }) => {
          input.current = currentTarget
          draft.change(currentTarget.value)
        }}
      />
      {draft.meanwhile !== null && (
        <Meanwhile by={field.by} value={show(field.value)} onTake={draft.takeTheirs} />
      )}
    </>
  )
}

/** As the browser's own input wants it, in the time of where one is. */
const localMinute = (value: unknown): string => {
  if (typeof value !== 'number') return ''
  const local = new Date(value - new Date(value).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
