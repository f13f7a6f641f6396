// Carrying a card: by mouse or pen at once, by finger after a short press (else the page scrolls), by keyboard with
// Space, arrows, Space; Enter opens it, as a click does. Where it may be put down says `data-drop` on the element.

import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type { Card } from './schedule.ts'

export interface Lifted {
  readonly card: Card
  readonly over: string | null
  readonly by: 'pointer' | 'keyboard'
}

interface CardDragOptions {
  /** Rows of drop places, as they stand on the screen. */
  readonly places: readonly (readonly string[])[]
  readonly placeOf: (card: Card) => string
  readonly mayLift: (card: Card) => boolean
  readonly onDrop: (card: Card, place: string) => void
  readonly onTap: (card: Card) => void
  readonly say: (what: {
    readonly kind: 'lifted' | 'over' | 'dropped' | 'left'
    readonly card: Card
    readonly place: string | null
  }) => void
}

export interface CardDrag {
  readonly lifted: Lifted | null
  readonly ghost: RefObject<HTMLDivElement | null>
  readonly cardProps: (card: Card) => {
    readonly onPointerDown: (event: PointerEvent) => void
    readonly onKeyDown: (event: KeyboardEvent) => void
    readonly onClick: () => void
    readonly onBlur: () => void
  }
}

const MOVED_PX = 5
const PRESS_MS = 260

export const useCardDrag = (options: CardDragOptions): CardDrag => {
  const [lifted, setLifted] = useState<Lifted | null>(null)
  const ghost = useRef<HTMLDivElement | null>(null)
  const latest = useRef(options)
  latest.current = options
  /** Known at once: a busy screen draws the last move after the card was let go. */
  const carried = useRef<Lifted | null>(null)
  const carry = (next: Lifted | null): void => {
    carried.current = next
    setLifted(next)
  }
  const stop = useRef<(() => void) | null>(null)
  /** The click that ends a drag opens nothing. */
  const wasDragged = useRef(false)

  useEffect(() => () => stop.current?.(), [])

  const over = (card: Card, place: string | null, by: Lifted['by']): void => {
    if (carried.current?.over === place) return
    carry({ card, over: place, by })
    latest.current.say({ kind: 'over', card, place })
  }

  const end = (card: Card, place: string | null): void => {
    carry(null)
    const { placeOf, onDrop, say } = latest.current
    if (place === null || place === placeOf(card)) {
      say({ kind: 'left', card, place: null })
      return
    }
    onDrop(card, place)
    say({ kind: 'dropped', card, place })
  }

  const onPointerDown = (card: Card, event: PointerEvent): void => {
    if (event.button !== 0 || stop.current !== null || !latest.current.mayLift(card)) return
    const { pointerId, clientX: startX, clientY: startY, pointerType } = event
    let at = { x: startX, y: startY }
    let isLifted = false
    wasDragged.current = false
    const lift = (): void => {
      isLifted = true
      wasDragged.current = true
      carry({ card, over: null, by: 'pointer' })
      latest.current.say({ kind: 'lifted', card, place: null })
      follow()
    }
    const follow = (): void => {
      requestAnimationFrame(() => {
        if (ghost.current !== null) ghost.current.style.transform = `translate(${at.x + 10}px, ${at.y + 8}px)`
      })
      const place =
        document.elementFromPoint(at.x, at.y)?.closest<HTMLElement>('[data-drop]')?.dataset['drop'] ?? null
      over(card, place, 'pointer')
      scrollNearEdge(at)
    }
    const press = pointerType === 'touch' ? setTimeout(lift, PRESS_MS) : undefined
    const onMove = (move: globalThis.PointerEvent): void => {
      if (move.pointerId !== pointerId) return
      at = { x: move.clientX, y: move.clientY }
      const distance = Math.hypot(at.x - startX, at.y - startY)
      if (isLifted) follow()
      else if (pointerType !== 'touch' && distance > MOVED_PX) lift()
      else if (pointerType === 'touch' && distance > MOVED_PX * 2) finish(false)
    }
    const onUp = (up: globalThis.PointerEvent): void => {
      if (up.pointerId === pointerId) finish(isLifted)
    }
    const onCancel = (): void => finish(false)
    const onKey = (key: globalThis.KeyboardEvent): void => {
      if (key.key === 'Escape') finish(false)
    }
    // A finger that carries does not scroll.
    const onTouchMove = (touch: TouchEvent): void => {
      if (isLifted) touch.preventDefault()
    }
    const finish = (isDropped: boolean): void => {
      const place = carried.current?.over ?? null
      stop.current?.()
      if (isLifted) end(card, isDropped ? place : null)
    }
    addEventListener('pointermove', onMove)
    addEventListener('pointerup', onUp)
    addEventListener('pointercancel', onCancel)
    // A tablet that is turned has another cell where the finger is.
    addEventListener('resize', onCancel)
    addEventListener('keydown', onKey)
    addEventListener('touchmove', onTouchMove, { passive: false })
    stop.current = () => {
      clearTimeout(press)
      removeEventListener('pointermove', onMove)
      removeEventListener('pointerup', onUp)
      removeEventListener('pointercancel', onCancel)
      removeEventListener('resize', onCancel)
      removeEventListener('keydown', onKey)
      removeEventListener('touchmove', onTouchMove)
      stop.current = null
    }
  }

  const onKeyDown = (card: Card, event: KeyboardEvent): void => {
    const { places, placeOf, mayLift, say } = latest.current
    let held = carried.current
    // Another one was left lifted, as where it went from under the keys: it is not put down by those of this one.
    if (held !== null && held.card.key !== card.key) {
      end(held.card, null)
      held = null
    }
    if (held === null || held.by !== 'keyboard') {
      if (event.key !== ' ' || !mayLift(card)) return
      event.preventDefault()
      carry({ card, over: placeOf(card), by: 'keyboard' })
      say({ kind: 'lifted', card, place: placeOf(card) })
      return
    }
    if (event.key === 'Tab') {
      end(held.card, null)
      return
    }
    if (event.key === 'Escape' || event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      end(held.card, event.key === 'Escape' ? null : held.over)
      return
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    over(held.card, neighbour(places, held.over, step), 'keyboard')
  }

  // Those of the first picture will do for all: whatever changes they look up. So a card is drawn anew for itself alone.
  const cardProps = useRef<CardDrag['cardProps']>(card => ({
    onPointerDown: event => onPointerDown(card, event),
    onKeyDown: event => onKeyDown(card, event),
    onClick: () => {
      if (!wasDragged.current) latest.current.onTap(card)
      wasDragged.current = false
    },
    onBlur: () => {
      if (carried.current?.by === 'keyboard') end(carried.current.card, null)
    },
  }))
  return { lifted, ghost, cardProps: cardProps.current }
}

const steps: { readonly [key: string]: readonly [row: number, column: number] } = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

const neighbour = (
  places: readonly (readonly string[])[],
  place: string | null,
  [down, right]: readonly [number, number],
): string | null => {
  const row = Math.max(
    0,
    places.findIndex(each => place !== null && each.includes(place)),
  )
  const column = Math.max(0, places[row]?.indexOf(place ?? '') ?? 0)
  const next = places[Math.min(places.length - 1, Math.max(0, row + down))] ?? []
  return next[Math.min(next.length - 1, Math.max(0, column + right))] ?? place
}

const EDGE_PX = 56

const scrollNearEdge = ({ x, y }: { readonly x: number; readonly y: number }): void => {
  if (y < EDGE_PX * 2) scrollBy(0, -12)
  else if (y > innerHeight - EDGE_PX) scrollBy(0, 12)
  const board = document.querySelector('.schedule-scroll')
  if (board === null) return
  const { left, right } = board.getBoundingClientRect()
  if (x < left + EDGE_PX) board.scrollBy(-12, 0)
  else if (x > right - EDGE_PX) board.scrollBy(12, 0)
}
