import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useFormat } from '../format/use-format.ts'
import { Empty } from '../state/empty.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import type { ItemToPick } from './pick-list.ts'
import { useAppWords } from '../words/app-words.ts'
import { useWarehouseWords } from './warehouse-words.ts'

interface PickListProps {
  readonly items: readonly ItemToPick[]
  /** What was scanned last. */
  readonly last: string | null
  readonly isOpen: boolean
  readonly onChoose: (item: string) => void
}

export const PickList = ({ items, last, isOpen, onChoose }: PickListProps) => {
  const words = useWarehouseWords()
  if (items.length === 0) return <Empty isQuiet title={words.noItems} />
  const open = items.filter(item => item.settled < 1)
  const finished = items.filter(item => item.settled >= 1)
  const lines = (some: readonly ItemToPick[]) => (
    <ul className="pick-list">
      {some.map(item => (
        <PickLine key={item.id} item={item} isLast={item.id === last} isOpen={isOpen} onChoose={onChoose} />
      ))}
    </ul>
  )
  return (
    <>
      {open.length > 0 && lines(open)}
      {finished.length > 0 && (
        <details className="pick-finished" open={open.length === 0 || finished.some(({ id }) => id === last)}>
          <summary>{words.showFinished(finished.length)}</summary>
          {lines(finished)}
        </details>
      )}
    </>
  )
}

interface PickLineProps {
  readonly item: ItemToPick
  readonly isLast: boolean
  readonly isOpen: boolean
  readonly onChoose: (item: string) => void
}

const PickLine = ({ item, isLast, isOpen, onChoose }: PickLineProps) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const format = useFormat()
  const left = Math.max(0, item.required - item.picked - item.short)
  return (
    <li>
      <button
        type="button"
        className="pick-line card"
        data-testid={`pick-${item.sku}`}
        data-state={item.settled >= 1 ? (item.short > 0 ? 'short' : 'complete') : item.state}
        data-last={isLast ? '' : undefined}
        disabled={!isOpen}
        onClick={() => onChoose(item.id)}
      >
        <span className="pick-place">{item.place}</span>
        <span className="pick-name">
          <strong>{item.name}</strong>
          <span className="quiet">{item.sku}</span>
          {item.short > 0 && (
            <span className="short">
              <IconAlertTriangle size={16} aria-hidden /> {appWords.beforeValue(words.short)}{' '}
              {format.number(item.short)} {item.unit}
            </span>
          )}
        </span>
        <JustChanged of={item.picked} className="pick-count">
          <span className="pick-picked">
            {format.number(item.picked)}
            <span className="pick-required">
              /{format.number(item.required)} {item.unit}
            </span>
          </span>
          {item.settled >= 1 ? (
            <span className="pick-state">
              <IconCheck size={16} aria-hidden /> {item.short > 0 ? words.short : words.complete}
            </span>
          ) : (
            <span className="quiet">{words.missing(format.number(left))}</span>
          )}
        </JustChanged>
      </button>
    </li>
  )
}
