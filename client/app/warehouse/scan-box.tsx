import { Button } from '@mantine/core'
import { IconBarcode, IconCamera, IconCameraOff, IconCheck, IconKeyboard, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { CameraScanner } from './camera-scanner.tsx'
import { useWarehouseWords } from './warehouse-words.ts'

/** What is said of the code that came last. */
export type ScanWord = { readonly text: string; readonly item?: string } & (
  | { readonly kind: 'good'; readonly isWhole: boolean }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'question'; readonly answer: string; readonly onAnswer: () => void }
)

interface ScanBoxProps {
  readonly word: ScanWord | null
  readonly onCode: (code: string) => void
}

/** The one place for codes: from a scanner, from the camera, from fingers. */
export const ScanBox = ({ word, onCode }: ScanBoxProps) => {
  const words = useWarehouseWords()
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState('')
  // A scanner types; the keyboard on the screen would only hide the list.
  const [isTyping, setIsTyping] = useState(false)
  const [isCameraOn, setIsCameraOn] = useState(false)
  useEffect(() => input.current?.focus({ preventScroll: true }), [])
  const submit = (): void => {
    const code = typed.trim()
    setTyped('')
    if (code !== '') onCode(code)
  }
  return (
    <section className="scan-box card" aria-label={words.scanHere}>
      <form
        className="scan-form"
        onSubmit={event => {
          event.preventDefault()
          submit()
        }}
      >
        <IconBarcode size={30} aria-hidden />
        <input
          ref={input}
          className="scan-input"
          data-testid="scan"
          aria-label={words.scanHere}
          placeholder={isTyping ? words.typeHere : words.scanHere}
          inputMode={isTyping ? 'text' : 'none'}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          enterKeyHint="done"
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
          onKeyDown={event => {
            // Some scanners end a code so. It is not to lie here uncounted while the next goes elsewhere.
            if (event.key !== 'Tab' || event.shiftKey || typed.trim() === '') return
            event.preventDefault()
            submit()
          }}
        />
        <Button
          className="glove"
          size="lg"
          variant={isTyping ? 'light' : 'default'}
          aria-pressed={isTyping}
          leftSection={<IconKeyboard size={22} />}
          onClick={() => {
            setIsTyping(!isTyping)
            requestAnimationFrame(() => {
              input.current?.blur()
              input.current?.focus()
            })
          }}
        >
          {words.keyboard}
        </Button>
        <Button
          className="glove"
          size="lg"
          variant={isCameraOn ? 'light' : 'default'}
          aria-pressed={isCameraOn}
          leftSection={isCameraOn ? <IconCameraOff size={22} /> : <IconCamera size={22} />}
          onClick={() => setIsCameraOn(!isCameraOn)}
        >
          {isCameraOn ? words.cameraOff : words.camera}
        </Button>
      </form>
      {isCameraOn && <CameraScanner onCode={onCode} />}
      <div role="status" aria-live="assertive">
        {word !== null && (
          <div
            className="scan-word"
            data-kind={word.kind}
            data-whole={word.kind === 'good' && word.isWhole ? '' : undefined}
          >
            {word.kind === 'good' ? <IconCheck size={28} aria-hidden /> : <IconX size={28} aria-hidden />}
            <span>{word.text}</span>
            {word.kind === 'question' && (
              <Button className="glove" size="lg" variant="default" onClick={word.onAnswer}>
                {word.answer}
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  )
}
