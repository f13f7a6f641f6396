// The lines of a record as a grid that is moved through with arrows and filled like a spreadsheet. Each cell is a
// field of its own: two people fill one line at once, and each sees where the other is. Only the lines on the screen
// are drawn, however many there are.

import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type UIEvent,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { joinPath, type RecordType } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useRecord } from '../../react/index.ts'
import { useNumberSigns } from '../format/read-number.ts'
import { useFormat } from '../format/use-format.ts'
import { pasteLines, readTable } from '../fields/paste-lines.ts'
import { SaveCsv } from '../fields/save-csv.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { Empty } from '../state/empty.tsx'
import { useConstructionWords } from './construction-words.ts'
import { BLOCK, blocksOf, FarLines } from './far-lines.tsx'
import { GridCell, type WayOut } from './grid-cell.tsx'
import { gridCsv } from './grid-csv.ts'
import { cellAfter, isWithin, type Place, selectionOf } from './grid-place.ts'
import { LineMenu } from './line-menu.tsx'
import { ROW_PX, useShownRows } from './use-shown-rows.ts'
import { copiedValue, type GridColumn, type GridLine, readValue } from './grid-column.ts'
import './grid.css'

export interface EditGridProps {
  readonly type: RecordType
  readonly id: string
  readonly list: string
  readonly label: string
  readonly columns: readonly GridColumn[]
  readonly lines: readonly object[]
  readonly currency?: string
  readonly canWrite: boolean
  readonly footer?: ReactNode
}

const MENU_PX = 44

export const EditGrid = (props: EditGridProps) => {
  const { type, id, list, label, columns, currency = 'EUR', canWrite, footer } = props
  // Entries of a list have an id, whatever else the type puts in them.
  const lines = props.lines as readonly GridLine[]
  const words = useConstructionWords()
  const format = useFormat()
  const signs = useNumberSigns()
  const record = useRecord(type, id).record as LiveRecord | null
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<Place | null>(null)
  const [anchor, setAnchor] = useState<Place | null>(null)
  const [editing, setEditing] = useState<string | null>(null)
  const { range, look } = useShownRows(scroller)
  const wantsFocus = useRef(false)
  const rowOf = useMemo(() => new Map(lines.map((line, row) => [line.id, row])), [lines])

  useEffect(() => {
    if (!wantsFocus.current || active === null || editing !== null) return
    const row = rowOf.get(active.line)
    const element = scroller.current
    if (row === undefined || element === null) return
    const top = row * ROW_PX
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + 2 * ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = top + 3 * ROW_PX - element.clientHeight
    const cell = element.querySelector<HTMLElement>(
      `[data-cell="${CSS.escape(`${active.line} ${active.column}`)}"]`,
    )
    if (cell === null) return
    wantsFocus.current = false
    cell.focus({ preventScroll: false })
  })

  // Somebody else may remove the line that one is in: one goes on in what stands there then.
  const within = useRef(false)
  const place = useRef({ line: '', row: 0 })
  const activeRow = active === null ? undefined : rowOf.get(active.line)
  if (active !== null && activeRow !== undefined) place.current = { line: active.line, row: activeRow }
  useLayoutEffect(() => {
    if (active === null || activeRow !== undefined || place.current.line !== active.line) return
    const next = lines[Math.min(place.current.row, lines.length - 1)]
    // Not in the middle of a word: its end would be written over what stands there.
    wantsFocus.current = within.current && editing === null
    // With what had the focus it is gone, and nothing tells: should it come back, it says so.
    within.current = false
    setEditing(null)
    setAnchor(null)
    setActive(next === undefined ? null : { ...active, line: next.id })
  }, [active, activeRow, lines, editing])

  const goTo = (row: number, column: number, isSelecting = false): void => {
    const line = lines[Math.min(lines.length - 1, Math.max(0, row))]
    if (line === undefined) return
    const next = { line: line.id, column: Math.min(columns.length - 1, Math.max(0, column)) }
    wantsFocus.current = true
    setEditing(null)
    setActive(next)
    setAnchor(isSelecting ? (anchor ?? active ?? next) : null)
  }
  const enter = (place: Place): void => {
    if (active?.line !== place.line || active.column !== place.column) {
      setActive(place)
      setEditing(null)
    }
    const column = columns[place.column]
    if (column !== undefined && column.kind !== 'computed')
      record?.presence.focus(joinPath(list, place.line, column.key))
  }
  const mayEdit = (column: GridColumn | undefined): boolean =>
    canWrite && column !== undefined && column.kind !== 'computed' && column.isReadOnly !== true
  const handle = (): Handle => record?.list(list as never) as unknown as Handle
  const addAt = (at: number): string | null => {
    let added: string | null = null
    tryTo(() => {
      added = handle().add({}, { at })
    })
    return added
  }
  const addLine = (at: number): void => {
    const added = addAt(at)
    if (added === null) return
    wantsFocus.current = true
    setActive({ line: added, column: 0 })
    setAnchor(null)
    setEditing(null)
  }
  const removeLine = (line: string): void => {
    const row = rowOf.get(line) ?? 0
    const next = lines[row + 1] ?? lines[row - 1]
    if (!tryTo(() => handle().remove(line))) return
    wantsFocus.current = true
    setActive(next === undefined ? null : { line: next.id, column: active?.column ?? 0 })
  }
  const selected = selectionOf(active, anchor, rowOf)
  const clearSelection = (): void => {
    if (selected === null) return
    const clear = (): void => {
      for (let row = selected.top; row <= selected.bottom; row++) {
        for (let column = selected.left; column <= selected.right; column++) {
          const line = lines[row]
          const at = columns[column]
          if (line !== undefined && at !== undefined && mayEdit(at))
            record?.write(joinPath(list, line.id, at.key), null)
        }
      }
    }
    tryTo(() => record?.together(clear))
  }
  const onCopy = (event: ClipboardEvent): void => {
    if (selected === null || editing !== null) return
    event.preventDefault()
    const text = lines
      .slice(selected.top, selected.bottom + 1)
      .map(line =>
        columns
          .slice(selected.left, selected.right + 1)
          .map(column => copiedValue(column, line, signs))
          .join('\t'),
      )
      .join('\n')
    // A clipboard that holds nothing is one that holds no text, such as a picture: an empty cell is an empty line.
    event.clipboardData.setData('text/plain', text === '' ? '\n' : text)
  }
  const onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData.getData('text/plain')
    if (editing !== null || !canWrite || text === '') return
    event.preventDefault()
    const from =
      active === null
        ? { row: lines.length, column: 0 }
        : { row: rowOf.get(active.line) ?? 0, column: active.column }
    pasteLines({
      table: readTable(text),
      from,
      lines,
      columns: columns.map(column => ({
        key: column.key,
        label: column.label,
        mayEdit: mayEdit(column),
        isComputed: column.kind === 'computed',
        read: text => readValue(column, text, signs),
      })),
      canAdd: canWrite,
      list: handle(),
      together: write => void tryTo(() => record?.together(write)),
    })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (active === null || editing !== null) return
    const row = rowOf.get(active.line) ?? 0
    const { column } = active
    const isCommand = event.ctrlKey || event.metaKey
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / ROW_PX) - 2)
    const done = (work: () => void): void => {
      event.preventDefault()
      work()
    }
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown'))
      return done(() => canWrite && move(row, event.key === 'ArrowUp' ? -1 : 1))
    const next = cellAfter(event, { row, column }, { rows: lines.length, columns: columns.length, page })
    if (next !== null) return done(() => goTo(next.row, next.column, event.shiftKey))
    const isEditable = mayEdit(columns[column])
    switch (event.key) {
      case 'Enter':
        if (isCommand) return done(() => canWrite && addLine(row + 1))
        return done(() => {
          if (isEditable) startEditing(null)
          else goTo(row + 1, column)
        })
      case 'F2':
        return done(() => isEditable && startEditing(null))
      case 'Escape':
        return done(() => setAnchor(null))
      case 'Delete':
      case 'Backspace':
        if (isCommand && canWrite) return done(() => removeLine(active.line))
        return done(clearSelection)
      default:
        if (event.key.length === 1 && !isCommand && !event.altKey && isEditable)
          done(() => startEditing(event.key))
    }
  }
  const startEditing = (typed: string | null): void => {
    setAnchor(null)
    setEditing(typed ?? '')
    setTypedFirst(typed)
  }
  const [typedFirst, setTypedFirst] = useState<string | null>(null)
  const move = (row: number, by: number): void => {
    const line = lines[row]
    if (line === undefined || row + by < 0 || row + by >= lines.length) return
    wantsFocus.current = true
    tryTo(() => handle().move(line.id, row + by))
  }
  /** After Enter one goes down, after Tab to the right, and past the end to the next line. */
  const leaveEditing = (to: WayOut): void => {
    setEditing(null)
    // Who goes on in another field is not brought back: what they type there would be written over this cell.
    if (active === null || to === 'away') return
    wantsFocus.current = true
    const row = rowOf.get(active.line) ?? 0
    if (to === 'down') goTo(row + 1, active.column)
    else if (to === 'right') {
      const next = nextEditable(columns, active.column)
      if (next !== null) goTo(row, next)
      else if (row < lines.length - 1) goTo(row + 1, nextEditable(columns, -1) ?? 0)
      else if (canWrite) addLine(lines.length)
    } else if (to === 'left') goTo(row, active.column - 1)
    else setActive({ ...active })
  }

  const first = Math.min(range.first, Math.floor(Math.max(0, lines.length - 1) / BLOCK) * BLOCK)
  const blocks = useMemo(() => blocksOf(lines), [lines])
  // The line that somebody is in stays, wherever they look meanwhile: what they type stands nowhere else yet.
  const held = active === null ? -1 : Math.floor((rowOf.get(active.line) ?? -1) / BLOCK)
  const isDrawn = (block: number): boolean =>
    block === held || (block * BLOCK >= first && block * BLOCK < range.last)
  const far = { rowPx: ROW_PX, columns, format, currency }
  const template = columns.map(({ width }) => width).join(' ')
  const drawn = (line: GridLine, row: number): ReactNode => (
    <div
      key={line.id}
      role="row"
      tabIndex={-1}
      aria-rowindex={row + 2}
      className="grid-row"
      data-testid={`line-${row}`}
    >
      <div role="gridcell" tabIndex={-1} className="grid-menu">
        {canWrite ? (
          <LineMenu
            name={String(row + 1)}
            onAbove={() => addLine(row)}
            onBelow={() => addLine(row + 1)}
            onUp={() => move(row, -1)}
            onDown={() => move(row, 1)}
            onRemove={() => removeLine(line.id)}
          />
        ) : (
          <span className="grid-number">{row + 1}</span>
        )}
      </div>
      {columns.map((column, at) => {
        const isActive = active?.line === line.id && active.column === at
        return (
          <GridCell
            key={column.key}
            type={type}
            id={id}
            path={joinPath(list, line.id, column.key)}
            name={`${line.id} ${at}`}
            column={column}
            line={line.id}
            lineName={String(row + 1)}
            currency={currency}
            format={format}
            signs={signs}
            isActive={isActive}
            isTabStop={isActive || (active === null && row === first && at === 0)}
            isSelected={selected !== null && anchor !== null && isWithin(selected, row, at)}
            isEditing={isActive && editing !== null}
            typedFirst={typedFirst}
            mayEdit={mayEdit(column)}
            onEnter={() => enter({ line: line.id, column: at })}
            onSelect={() => setAnchor(anchor ?? active)}
            onPlainDown={() => setAnchor(null)}
            onEdit={() => {
              setActive({ line: line.id, column: at })
              startEditing(null)
            }}
            onLeave={leaveEditing}
          />
        )
      })}
    </div>
  )
  return (
    <div className="grid-frame card">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what bubbles out of the grid within is heard here */}
      <div
        ref={scroller}
        className="grid-scroll"
        onScroll={(event: UIEvent<HTMLDivElement>) => look(event.currentTarget)}
        onCopy={onCopy}
        onPaste={onPaste}
        onFocus={() => {
          within.current = true
        }}
        onBlur={event => {
          if (event.currentTarget.contains(event.relatedTarget)) return
          within.current = false
          record?.presence.focus(null)
        }}
      >
        <div
          role="grid"
          aria-label={label}
          aria-rowcount={lines.length + 1}
          aria-colcount={columns.length + 1}
          aria-multiselectable
          className="grid"
          style={{
            '--menu-column': `${MENU_PX}px`,
            '--columns': template,
            '--least': `calc(${leastWidth(columns)}rem + ${MENU_PX}px)`,
          }}
          onKeyDown={onKeyDown}
        >
          <div role="row" tabIndex={-1} aria-rowindex={1} className="grid-row grid-head">
            <div role="columnheader" tabIndex={-1} className="grid-menu">
              <span className="visually-hidden">{words.line}</span>
            </div>
            {columns.map(column => (
              <div
                key={column.key}
                role="columnheader"
                tabIndex={-1}
                className="grid-cell"
                data-kind={column.kind}
              >
                {column.label}
              </div>
            ))}
          </div>
          {blocks.flatMap((block, b) =>
            isDrawn(b) ? (
              block.map((line, i) => drawn(line, b * BLOCK + i))
            ) : (
              <FarLines key={`far ${block[0]?.id}`} lines={block} {...far} />
            ),
          )}
        </div>
        {lines.length === 0 && <Empty isQuiet title={words.noLines} />}
      </div>
      <div
        className="grid-foot"
        data-empty={!canWrite && footer === undefined && lines.length === 0 ? '' : undefined}
      >
        {canWrite && (
          <Button
            variant="light"
            size="sm"
            leftSection={<IconPlus size={16} />}
            onClick={() => addLine(lines.length)}
          >
            {words.addLine}
          </Button>
        )}
        {lines.length > 0 && <SaveCsv csv={signs => gridCsv(columns, lines, signs)} label={label} />}
        {footer}
      </div>
      {canWrite && (
        <>
          <p className="grid-hint for-mouse">{words.gridHint}</p>
          <p className="grid-hint for-touch">{words.gridTouchHint}</p>
        </>
      )}
    </div>
  )
}

/** The untyped face of a list: the grid is for lines of any type. */
interface Handle {
  add(entry: object, options?: { readonly at?: number }): string
  set(id: string, entry: object): void
  remove(id: string): void
  move(id: string, at: number): void
}

/** So that a narrow screen scrolls instead of squeezing, and a wide one is filled. */
const leastWidth = (columns: readonly GridColumn[]): number =>
  columns.reduce((sum, { width }) => sum + Number.parseFloat(width.replace('minmax(', '')), 0)

const nextEditable = (columns: readonly GridColumn[], after: number): number | null => {
  const next = columns.findIndex(
    (column, at) => at > after && column.kind !== 'computed' && column.isReadOnly !== true,
  )
  return next < 0 ? null : next
}
