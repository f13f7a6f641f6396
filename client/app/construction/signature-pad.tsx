import { Button } from '@mantine/core'
import { IconEraser } from '@tabler/icons-react'
import { type PointerEvent, useRef } from 'react'
import { useConstructionWords } from './construction-words.ts'

const WIDTH = 600
const HEIGHT = 200
/** A hand trembles by less; what is nearer to the last point is not drawn. */
const STEP = 3
/** As much as the record takes. */
const LENGTH_MAX = 12_000

interface SignaturePadProps {
  readonly mark: string
  readonly onChange: (mark: string) => void
}

/** A finger, a pen or a mouse draws on it; what is drawn is the path of an SVG. */
export const SignaturePad = ({ mark, onChange }: SignaturePadProps) => {
  const words = useConstructionWords()
  /** Known at once: a fast hand is ahead of the screen. */
  const drawn = useRef(mark)
  const last = useRef<{ readonly x: number; readonly y: number } | null>(null)
  const pen = useRef<number | null>(null)
  const draw = (event: PointerEvent<SVGSVGElement>, verb: 'M' | 'L'): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const x = Math.round(((event.clientX - box.left) / box.width) * WIDTH)
    const y = Math.round(((event.clientY - box.top) / box.height) * HEIGHT)
    const from = last.current
    if (verb === 'L' && from !== null && Math.hypot(x - from.x, y - from.y) < STEP) return
    // A line of no length is a dot.
    const next = `${drawn.current}${verb}${x} ${y}${verb === 'M' ? `L${x} ${y}` : ''}`
    if (next.length > LENGTH_MAX) return
    last.current = { x, y }
    drawn.current = next
    onChange(next)
  }
  return (
    <div className="signature-pad">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={words.signatureHint}
        data-testid="signature-pad"
        onPointerDown={event => {
          if (pen.current !== null || event.button !== 0) return
          pen.current = event.pointerId
          event.currentTarget.setPointerCapture(event.pointerId)
          draw(event, 'M')
        }}
        onPointerMove={event => {
          if (event.pointerId === pen.current) draw(event, 'L')
        }}
        onPointerUp={event => {
          if (event.pointerId === pen.current) pen.current = null
        }}
        onPointerCancel={event => {
          if (event.pointerId === pen.current) pen.current = null
        }}
      >
        <path className="signature-ground" d={`M30 ${HEIGHT - 40}H${WIDTH - 30}`} />
        <path className="signature-mark" d={mark} />
      </svg>
      {mark === '' && <span className="signature-hint">{words.signatureHint}</span>}
      <Button
        variant="default"
        size="md"
        leftSection={<IconEraser size={18} />}
        disabled={mark === ''}
        onClick={() => {
          drawn.current = ''
          last.current = null
          onChange('')
        }}
      >
        {words.signatureAnew}
      </Button>
    </div>
  )
}

export const SignatureMark = ({ mark, name }: { readonly mark: string; readonly name: string }) => (
  <svg className="signature-shown" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
    <path className="signature-mark" d={mark} />
  </svg>
)
