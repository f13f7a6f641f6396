// The editor for texts with formats: loaded when the first of them is shown.

import Quill, { type QuillOptions } from 'quill'
import QuillCursors from 'quill-cursors/core'
import 'quill/dist/quill.snow.css'
import 'quill-cursors/css'
import type { RecordType } from '../../../shared/index.ts'
import { RichText } from '../../react/index.ts'
import { colorOf } from '../state/face.tsx'
import { useLanguage } from '../words/language.ts'
import './rich-editor.css'
import { useRichWords } from './rich-words.ts'

Quill.register('modules/cursors', QuillCursors)

interface RichEditorProps {
  readonly type: RecordType
  readonly id: string
  readonly path: string
  readonly label: string
  readonly placeholder: string
}

export default function RichEditor({ type, id, path, label, placeholder }: RichEditorProps) {
  const words = useRichWords()
  return (
    <RichText
      // The editor takes its words once.
      key={useLanguage()}
      className="rich-editor"
      style={{
        '--link-at': JSON.stringify(words.linkAt),
        '--link-to': JSON.stringify(words.linkTo),
        '--link-edit': JSON.stringify(words.linkEdit),
        '--link-save': JSON.stringify(words.linkSave),
        '--link-remove': JSON.stringify(words.linkRemove),
      }}
      type={type}
      id={id}
      name={path}
      quill={Labelled}
      aria-label={label}
      role="group"
      cursorColor={({ id }) => colorOf(id)}
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
          cursors: true,
          toolbar: [
            ['bold', 'italic', 'underline'],
            [{ list: 'ordered' }, { list: 'bullet' }],
            ['link', 'clean'],
          ],
        },
        label,
        buttons: words,
      }}
    />
  )
}

interface Named extends QuillOptions {
  readonly label: string
  readonly buttons: { readonly [name: string]: string }
}

/** Quill names neither its text nor its buttons for who cannot see them. */
class Labelled extends Quill {
  constructor(element: HTMLElement, options?: Named) {
    super(element, options)
    const { label = '', buttons = {} }: Partial<Named> = options ?? {}
    this.root.setAttribute('role', 'textbox')
    this.root.setAttribute('aria-multiline', 'true')
    this.root.setAttribute('aria-label', label)
    // Who is in the field is said beside its label.
    this.container.querySelector('.ql-cursors')?.setAttribute('aria-hidden', 'true')
    for (const button of element.parentElement?.querySelectorAll('.ql-toolbar button') ?? []) {
      const [name = ''] = [...button.classList].map(each => each.replace('ql-', ''))
      const says = buttons[button.getAttribute('value') || name] ?? name
      button.setAttribute('aria-label', says)
      button.setAttribute('title', says)
    }
    const toolbar = element.parentElement?.querySelector<HTMLElement>('.ql-toolbar')
    if (toolbar != null) oneStop(toolbar)
    // Tab goes on to the next field, as everywhere.
    for (const key of ['Tab', 'tab']) delete (this.keyboard.bindings as { [name: string]: unknown })[key]
  }
}

/** Of its buttons Tab knows the one that was used last; the arrows go from one to the next. */
const oneStop = (toolbar: HTMLElement): void => {
  const buttons = [...toolbar.querySelectorAll('button')]
  const stopAt = (stop: HTMLButtonElement | undefined): void => {
    for (const button of buttons) button.tabIndex = button === stop ? 0 : -1
  }
  stopAt(buttons[0])
  toolbar.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLButtonElement) stopAt(target)
  })
  toolbar.addEventListener('keydown', event => {
    // With Alt an arrow goes back to the page before.
    if (!(event.target instanceof HTMLButtonElement) || event.altKey || event.ctrlKey || event.metaKey) return
    const at = buttons.indexOf(event.target)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (at === -1 || next === undefined) return
    event.preventDefault()
    buttons.at(next % buttons.length)?.focus()
  })
}
