import { Switch } from '@mantine/core'
import { type BoundField, FieldFrame } from './field-frame.tsx'

export const SwitchField = (props: BoundField) => (
  <FieldFrame {...props}>
    {(field, inputId) => (
      <Switch
        id={inputId}
        checked={field.value === true}
        disabled={field.readOnly}
        onFocus={field.focus}
        onBlur={field.blur}
        onChange={event => field.set(event.currentTarget.checked)}
      />
    )}
  </FieldFrame>
)
