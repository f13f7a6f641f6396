// Where one is in a grid: the cell, what is selected from it, and where a key leads.

export interface Place {
  readonly line: string
  readonly column: number
}

export interface Selection {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

export const selectionOf = (
  active: Place | null,
  anchor: Place | null,
  rowOf: ReadonlyMap<string, number>,
): Selection | null => {
  if (active === null) return null
  const row = rowOf.get(active.line)
  const other = anchor === null ? row : rowOf.get(anchor.line)
  if (row === undefined || other === undefined) return null
  const column = anchor?.column ?? active.column
  return {
    top: Math.min(row, other),
    bottom: Math.max(row, other),
    left: Math.min(active.column, column),
    right: Math.max(active.column, column),
  }
}

export const isWithin = ({ top, bottom, left, right }: Selection, row: number, column: number): boolean =>
  row >= top && row <= bottom && column >= left && column <= right

interface Cell {
  readonly row: number
  readonly column: number
}

interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
}

/** To the next cell, or with a command key to the last; null for a key that leads nowhere. */
export const cellAfter = (
  { key, ctrlKey, metaKey }: Pressed,
  { row, column }: Cell,
  { rows, columns, page }: { readonly rows: number; readonly columns: number; readonly page: number },
): Cell | null => {
  const isCommand = ctrlKey || metaKey
  switch (key) {
    case 'ArrowUp':
      return { row: isCommand ? 0 : row - 1, column }
    case 'ArrowDown':
      return { row: isCommand ? rows - 1 : row + 1, column }
    case 'ArrowLeft':
      return { row, column: isCommand ? 0 : column - 1 }
    case 'ArrowRight':
      return { row, column: isCommand ? columns - 1 : column + 1 }
    case 'Home':
      return { row: isCommand ? 0 : row, column: 0 }
    case 'End':
      return { row: isCommand ? rows - 1 : row, column: columns - 1 }
    case 'PageUp':
      return { row: row - page, column }
    case 'PageDown':
      return { row: row + page, column }
    default:
      return null
  }
}
