import { hash } from 'node:crypto'
import type { Head } from './store.ts'

/**
 * Each record's events are chained: hash 0 is SHA-256 of the room's name, hash n is SHA-256 of the hash before it
 * (as hex text) followed by the event's JSON exactly as stored. So a history can be checked with any tool, and no
 * event can be changed, dropped, added or moved to another record without every later hash being wrong.
 */
export function firstHash(room: string): string {
  return hash('sha256', room, 'hex')
}

/** The hash that the record's next event follows. */
export function tipOf({ room, eventHash }: Head): string {
  return eventHash ?? firstHash(room)
}

export function nextHash(before: string, json: string): string {
  return hash('sha256', before + json, 'hex')
}
