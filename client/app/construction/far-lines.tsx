// The lines of a grid that are not on the screen: text alone, so that the browser's own search finds them and comes to
// where they are drawn whole.

import { memo } from 'react'
import type { Format } from '../format/use-format.ts'
import { type GridColumn, type GridLine, shownValue } from './grid-column.ts'

/** So many lines are drawn, or are text, together. */
export const BLOCK = 20

export const blocksOf = (lines: readonly GridLine[]): readonly (readonly GridLine[])[] =>
  Array.from({ length: Math.ceil(lines.length / BLOCK) }, (_, block) =>
    lines.slice(block * BLOCK, (block + 1) * BLOCK),
  )

interface FarLinesProps {
  readonly lines: readonly GridLine[]
  readonly rowPx: number
  readonly columns: readonly GridColumn[]
  readonly format: Format
  readonly currency: string
}

export const FarLines = memo(
  ({ lines, rowPx, columns, format, currency }: FarLinesProps) => {
    const textOf = (line: GridLine): string =>
      columns
        .map(column =>
          column.kind === 'computed' ? '' : shownValue(column, line[column.key], format, currency),
        )
        .filter(text => text !== '')
        .join('  ')
        .replaceAll('\n', ' ')
    return (
      <div
        className="grid-far"
        role="presentation"
        aria-hidden
        style={{ blockSize: lines.length * rowPx, lineHeight: `${rowPx}px` }}
      >
        {lines.map(textOf).join('\n')}
      </div>
    )
  },
  (before, after) =>
    before.columns === after.columns &&
    before.format === after.format &&
    before.currency === after.currency &&
    before.lines.length === after.lines.length &&
    before.lines.every((line, at) => line === after.lines[at]),
)
