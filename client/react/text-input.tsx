import {
  type ComponentPropsWithoutRef,
  type FocusEvent,
  forwardRef,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  type RefCallback,
  useCallback,
  useEffect,
  useRef,
} from 'react'
import { assertRecordType } from '../../shared/record/assert-declaration.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { tooLong } from '../../shared/record/value.ts'
import { refusalIn } from '../../shared/types/refusal-sentences.ts'
import { changeBetween, type Composing, TextBinding } from '../editor/text-binding.ts'
import { type PathFor, type PathText, useField } from './use-field.ts'
import { useFocus } from './use-focus.ts'
import { useOpen } from './use-record.ts'
import { useText } from './use-text.ts'

export interface TextInputOwnProps<T extends RecordType = RecordType, P extends string = string> {
  readonly type: T
  readonly id: string
  readonly path: P & PathFor<T, P>
  readonly multiline?: boolean
  readonly ref?: Ref<TextElement>
}

export type TextInputProps<T extends RecordType = RecordType, P extends string = string> = TextInputOwnProps<
  T,
  P
> &
  Omit<
    ComponentPropsWithoutRef<'input'> & ComponentPropsWithoutRef<'textarea'>,
    keyof TextInputOwnProps | 'value' | 'defaultValue' | 'onChange'
  >

/**
 * A text of a record in an input of the page: texts merge letter by letter, lines as a whole, and in both the caret
 * stays among the words where it was. Says to the others that somebody is in it. Every other prop is the element's.
 */
export const TextInput: <T extends RecordType, P extends PathText<T>>(
  props: TextInputProps<T, P>,
) => ReactElement = forwardRef<TextElement, Omit<TextInputProps, 'ref'>>(function TextInput(props, given) {
  assertRecordType(props.type)
  const isText = props.type.fields[props.path]?.kind === 'text'
  return isText ? <BoundText {...props} given={given} /> : <BoundLine {...props} given={given} />
  // React before 19, and Preact, give a `ref` to no other component. That it is generic, `forwardRef` cannot say.
}) as never

type TextElement = HTMLInputElement | HTMLTextAreaElement
type BoundProps = Omit<TextInputProps, 'ref'> & { readonly given: Ref<TextElement> }

const BoundText = ({
  type,
  id,
  path,
  multiline = true,
  onFocus,
  onBlur,
  onKeyDown,
  given,
  ...rest
}: BoundProps): ReactElement => {
  const element = useRef<(HTMLTextAreaElement & HTMLInputElement) | null>(null)
  const ref = useBothRefs(element, given)
  const binding = useRef<TextBinding | null>(null)
  // A word that is begun in one record ends in no other.
  const place = JSON.stringify([type.name, id, path])
  const left = useRef<{ readonly place: string; readonly composing: Composing | null } | null>(null)
  const { ytext, readOnly } = useText(type, id, path)
  const { record } = useOpen(type, id)
  const say = useFocus(record?.presence ?? null)
  useEffect(() => {
    if (ytext === null || element.current === null) return
    const field = type.fields[path]
    const charsMax = field?.kind === 'text' ? field.charsMax : Number.POSITIVE_INFINITY
    const bound = new TextBinding(ytext, element.current, {
      charsMax,
      sentence: () =>
        refusalIn(type, document.documentElement.lang, { code: 'TOO_LARGE', sentence: tooLong(charsMax) }),
    })
    bound.start(left.current?.place === place ? left.current.composing : null)
    binding.current = bound
    return () => {
      left.current = { place, composing: bound.close() }
      binding.current = null
    }
  }, [ytext, type, path, place])
  const Element = multiline ? 'textarea' : 'input'
  return (
    <Element
      {...rest}
      ref={ref}
      readOnly={rest.readOnly ?? (ytext === null || readOnly)}
      onInput={() => binding.current?.typed()}
      onCompositionStart={() => binding.current?.composing(true)}
      onCompositionEnd={() => {
        left.current = null
        binding.current?.composing(false)
      }}
      onFocus={(event: FocusEvent<HTMLInputElement & HTMLTextAreaElement>) => {
        say(path)
        onFocus?.(event)
      }}
      onBlur={(event: FocusEvent<HTMLInputElement & HTMLTextAreaElement>) => {
        say(null)
        // What was too long is not there any more, and holds up no form.
        event.currentTarget.setCustomValidity('')
        onBlur?.(event)
      }}
      onKeyDown={(event: KeyboardEvent<HTMLInputElement & HTMLTextAreaElement>) => {
        onKeyDown?.(event)
        // The browser's own undo would bring back what others have changed since.
        const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z'
        if (!isUndo || event.defaultPrevented) return
        event.preventDefault()
        if (event.shiftKey) record?.redo()
        else record?.undo()
      }}
    />
  )
}

const BoundLine = ({
  type,
  id,
  path,
  multiline = false,
  onFocus,
  onBlur,
  given,
  ...rest
}: BoundProps): ReactElement => {
  const element = useRef<(HTMLTextAreaElement & HTMLInputElement) | null>(null)
  const ref = useBothRefs(element, given)
  const place = JSON.stringify([type.name, id, path])
  /** What an input method puts its word into; one that is begun in one line ends in no other. */
  const composedIn = useRef<{ readonly place: string; readonly text: string } | null>(null)
  const { value, readOnly, problem, set, focus, blur } = useField(type, id, path)
  const shown = typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value)
  const show = useCallback((): void => {
    const input = element.current
    if (input === null || composedIn.current?.place === place || input.value === shown) return
    // What the record refuses stays in the input until the person has put it right.
    if (problem !== null && document.activeElement === input) return
    const { selectionEnd, selectionStart } = input
    const change = changeBetween(input.value, shown, shown.length)
    const moved = (place: number): number =>
      change === null || place <= change.at
        ? place
        : Math.max(change.at, place - change.removed) +
          (place >= change.at + change.removed ? change.inserted.length : 0)
    input.value = shown
    if (document.activeElement === input)
      input.setSelectionRange(moved(selectionStart ?? 0), moved(selectionEnd ?? 0))
  }, [shown, problem, place])
  useEffect(show, [show])
  const write = (): void => {
    if (element.current !== null && element.current.value !== shown) set(element.current.value)
  }
  const Element = multiline ? 'textarea' : 'input'
  return (
    <Element
      {...rest}
      ref={ref}
      defaultValue={shown}
      readOnly={rest.readOnly ?? readOnly}
      aria-invalid={problem === null ? undefined : true}
      onInput={() => {
        if (composedIn.current?.place !== place) write()
      }}
      onCompositionStart={event => {
        composedIn.current = { place, text: event.currentTarget.value }
      }}
      onCompositionEnd={event => {
        const before = composedIn.current
        composedIn.current = null
        // Where no word came of it, what others wrote meanwhile is shown, and not put back.
        if (before?.place !== place || event.currentTarget.value === before.text) show()
        else write()
      }}
      onFocus={(event: FocusEvent<HTMLInputElement & HTMLTextAreaElement>) => {
        focus()
        onFocus?.(event)
      }}
      onBlur={(event: FocusEvent<HTMLInputElement & HTMLTextAreaElement>) => {
        blur()
        onBlur?.(event)
      }}
    />
  )
}

/** What a `ref` gives back, from React 19 on, is called in place of it when the element goes. */
const useBothRefs = <T,>(own: { current: T | null }, given: Ref<T>): RefCallback<T> => {
  const leave = useRef<(() => void) | null>(null)
  return useCallback(
    (element: T | null) => {
      own.current = element
      if (typeof given === 'object' && given !== null) given.current = element
      if (typeof given !== 'function') return
      if (leave.current !== null) {
        leave.current()
        leave.current = null
        return
      }
      const left: unknown = given(element)
      if (typeof left === 'function') leave.current = () => left()
    },
    [own, given],
  )
}
