import { type ComponentPropsWithoutRef, type ReactElement, useEffect, useRef } from 'react'
import type { RecordType } from '../../shared/record/record-type.ts'
import { tooLong as tooLongSentence } from '../../shared/record/value.ts'
import { refusalIn } from '../../shared/types/refusal-sentences.ts'
import { bindQuill, type QuillEditor } from '../editor/bind-quill.ts'
import type { Person } from '../record/presence.ts'
import { useFocus } from './use-focus.ts'
import { useOpen } from './use-record.ts'
import { useText } from './use-text.ts'

export interface RichTextOwnProps {
  readonly type: RecordType
  readonly id: string
  readonly name: string
  /** The class `Quill`. */
  readonly quill: new (
    element: HTMLElement,
    options?: never,
  ) => object
  readonly options?: object
  /** Of the cursor of somebody else, where `quill-cursors` is registered and among the modules of `options`. */
  readonly cursorColor?: (person: Person) => string
}

export type RichTextProps = RichTextOwnProps &
  Omit<ComponentPropsWithoutRef<'div'>, keyof RichTextOwnProps | 'children'>

/**
 * A text with formats in Quill, merged letter by letter. What would make it longer than it may be is taken back, and said
 * beneath it. Every other prop is that of the element around it.
 */
export const RichText = (props: RichTextProps): ReactElement => (
  // What was typed into one record is no step to take back in another, nor a word that is begun there put into it.
  <BoundRichText key={JSON.stringify([props.type.name, props.id, props.name])} {...props} />
)

const BoundRichText = ({
  type,
  id,
  name,
  quill: Quill,
  options,
  cursorColor,
  ...rest
}: RichTextProps): ReactElement => {
  const around = useRef<HTMLDivElement>(null)
  const editor = useRef<QuillEditor | null>(null)
  const { ytext, readOnly } = useText(type, id, name)
  const { record } = useOpen(type, id)
  const presence = record?.presence ?? null
  const say = useFocus(presence)
  // Quill cannot be given other options later, and puts its toolbar beside the element it is given.
  const firstOptions = useRef(options)
  const cursorColorOf = useRef(cursorColor)
  useEffect(() => {
    const parent = around.current
    if (parent === null) return
    parent.append(document.createElement('div'))
    const made = new Quill(
      parent.lastElementChild as HTMLElement,
      (firstOptions.current ?? { theme: 'snow' }) as never,
    )
    // It is Quill, or something of its shape: the application says so.
    editor.current = made as QuillEditor
    return () => {
      editor.current = null
      parent.replaceChildren()
    }
  }, [Quill])
  useEffect(() => {
    const made = editor.current
    if (made === null || ytext === null) return
    const field = type.fields[name]
    const charsMax = field?.kind === 'text' ? field.charsMax : Number.POSITIVE_INFINITY
    const refusal = document.createElement('p')
    refusal.className = 'rich-text-refusal'
    refusal.setAttribute('role', 'alert')
    const tooLong = (isTooLong: boolean): void => {
      if (!isTooLong) return refusal.remove()
      const { lang } = document.documentElement
      refusal.textContent = refusalIn(type, lang, { code: 'TOO_LARGE', sentence: tooLongSentence(charsMax) })
      around.current?.append(refusal)
    }
    // Of the same generation as the text.
    const { awareness } = presence ?? {}
    const unbind = bindQuill(ytext, made, {
      awareness,
      cursorColor: cursorColorOf.current,
      charsMax,
      tooLong,
    })
    return () => {
      unbind()
      refusal.remove()
    }
  }, [ytext, presence, type, name])
  useEffect(() => {
    editor.current?.enable(!readOnly)
  }, [readOnly])
  useEffect(() => {
    const made = editor.current
    if (made === null || presence === null) return
    const tell = (range: unknown): void => say(range === null ? null : name)
    made.on('selection-change', tell)
    return () => {
      made.off('selection-change', tell)
    }
  }, [presence, name, say])
  return <div {...rest} ref={around} />
}
