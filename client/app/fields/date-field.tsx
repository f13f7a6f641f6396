import { TextInput } from '@mantine/core'
import { useFormat } from '../format/use-format.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'

interface DateFieldProps extends BoundField {
  /** A `date` is a day anywhere; a `time` is a moment. */
  readonly kind?: 'date' | 'time'
  readonly size?: 'xs' | 'sm' | 'md'
  readonly className?: string
}

export const DateField = (props: DateFieldProps) => {
  const format = useFormat()
  const { kind = 'date', size = 'sm' } = props
  const show = (value: unknown): string =>
    typeof value === 'number' ? format.dateTime(value) : typeof value === 'string' ? format.date(value) : ''
  return (
    <FieldFrame {...props} show={show}>
      {(field, inputId) => (
        <TextInput
          id={inputId}
          size={size}
          type={kind === 'date' ? 'date' : 'datetime-local'}
          value={kind === 'date' ? String(field.value ?? '') : localMinute(field.value)}
          readOnly={field.readOnly}
          onFocus={field.focus}
          onBlur={field.blur}
          onChange={event => {
            const text = event.currentTarget.value
            if (text === '') field.set(null)
            else if (kind === 'date') field.set(text)
            else if (!Number.isNaN(Date.parse(text))) field.set(Date.parse(text))
          }}
        />
      )}
    </FieldFrame>
  )
}

/** As the browser's own input wants it, in the time of where one is. */
const localMinute = (value: unknown): string => {
  if (typeof value !== 'number') return ''
  const local = new Date(value - new Date(value).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
