// The editor for texts with formats: loaded when the first of them is shown.

import Quill from 'quill'
import 'quill/dist/quill.snow.css'
import type { RecordType } from '../../../shared/index.ts'
import { RichText } from '../../react/index.ts'
import './rich-editor.css'

interface RichEditorProps {
  readonly type: RecordType
  readonly id: string
  readonly path: string
  readonly label: string
  readonly placeholder: string
}

export default function RichEditor({ type, id, path, label, placeholder }: RichEditorProps) {
  return (
    <RichText
      className="rich-editor"
      type={type}
      id={id}
      name={path}
      quill={Labelled}
      aria-label={label}
      role="group"
      options={{
        theme: 'snow',
        placeholder,
        // What a field of this kind may hold; more would be refused by the server.
        formats: [
          'bold',
          'italic',
          'underline',
          'strike',
          'link',
          'list',
          'header',
          'blockquote',
          'code-block',
        ],
        modules: {
          toolbar: [
            ['bold', 'italic', 'underline'],
            [{ list: 'ordered' }, { list: 'bullet' }],
            ['link', 'clean'],
          ],
        },
        label,
      }}
    />
  )
}

/** Quill names neither its text nor its buttons for who cannot see them. */
class Labelled extends Quill {
  constructor(element: HTMLElement, options?: object) {
    super(element, options)
    const label = options !== undefined && 'label' in options ? String(options.label) : ''
    this.root.setAttribute('role', 'textbox')
    this.root.setAttribute('aria-multiline', 'true')
    this.root.setAttribute('aria-label', label)
    for (const button of element.parentElement?.querySelectorAll('.ql-toolbar button') ?? []) {
      const [name = ''] = [...button.classList].map(each => each.replace('ql-', ''))
      button.setAttribute('aria-label', [name, button.getAttribute('value') ?? ''].join(' ').trim())
    }
    // Tab goes on to the next field, as everywhere.
    for (const key of ['Tab', 'tab']) delete (this.keyboard.bindings as { [name: string]: unknown })[key]
  }
}
