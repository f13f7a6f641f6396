import { TextInput } from '../../react/index.ts'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import './text-field.css'

interface TextFieldProps extends BoundField {
  readonly id: string
  readonly className?: string
}

/** A longer text without formats: merged letter by letter, the caret stays where it is. */
export const TextField = (props: TextFieldProps) => (
  <FieldFrame {...props}>
    {(_, inputId) => (
      <TextInput
        type={props.type}
        id={props.id}
        path={props.path}
        multiline
        rows={4}
        className="text-field"
        aria-label={props.label}
        key={inputId}
      />
    )}
  </FieldFrame>
)
