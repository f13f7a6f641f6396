import { lazy, Suspense } from 'react'
import { type BoundField, FieldFrame } from './field-frame.tsx'
import './rich-editor.css'

const RichEditor = lazy(() => import('./rich-editor.tsx'))

interface RichFieldProps extends BoundField {
  readonly id: string
  readonly placeholder?: string
}

/** A text with formats: several people write in it at once, letter by letter. */
export const RichField = (props: RichFieldProps) => (
  <FieldFrame {...props}>
    {(_, inputId) => (
      <div id={inputId}>
        <Suspense fallback={<div className="rich-editor-waiting" />}>
          <RichEditor
            type={props.type}
            id={props.id}
            path={props.path}
            label={props.label}
            placeholder={props.placeholder ?? ''}
          />
        </Suspense>
      </div>
    )}
  </FieldFrame>
)
