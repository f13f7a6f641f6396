import { csvOfLines, numberCell, textCell } from '../fields/table-csv.ts'
import type { NumberSigns } from '../format/read-number.ts'
import { copiedValue, type GridColumn, type GridLine, isNumeric } from './grid-column.ts'

/** All lines, drawn or not. */
export const gridCsv = (
  columns: readonly GridColumn[],
  lines: readonly GridLine[],
  signs: NumberSigns,
): string => {
  const cellOf = (line: GridLine, column: GridColumn): string => {
    const text = copiedValue(column, line, signs)
    return isNumeric(column) ? numberCell(text, signs) : textCell(text)
  }
  return csvOfLines(
    [columns.map(({ label }) => label), ...lines.map(line => columns.map(column => cellOf(line, column)))],
    signs,
  )
}
