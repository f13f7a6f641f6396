// What a write must do to the cells that are there, from the design's words: it replaces those its writer was
// shown, and the writer's own older ones, and nothing else.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Fate, LiveWrites, Write } from './ledger.ts'
import { JUDGED_FIELDS } from './specimen.ts'
import { isEqual, isInSet, latest, shownAt } from './oracle.ts'

/** Whose hand writes: one open document of one person. */
export interface Hand {
  readonly client: number
  readonly user: string
  /** Whether this person is permitted to take over what somebody else holds. */
  readonly takesOver: boolean
  /** Own writes from this clock on are not known to be saved. */
  readonly savedClock: number
}

export interface Intended {
  readonly path: string
  readonly value: Value
  readonly shown: 'value' | 'all'
}

export type Register = 'cell' | 'element' | 'share' | 'once' | 'tombstone' | 'other'

const registerAt = (type: RecordType, path: string): Register => {
  const [name = '', key, part, element] = path.split('/')
  if (path === '' || (key !== undefined && part === undefined && type.fields[name]?.kind === 'list'))
    return 'tombstone'
  if (path.endsWith('$created')) return 'once'
  const field = type.fields[name]
  if (field?.kind === 'log') return 'once'
  if (field?.kind === 'set') return 'element'
  if (field?.kind === 'counter') return 'share'
  if (field?.kind === 'list' && element !== undefined)
    return field.entry[part ?? '']?.kind === 'set' ? 'element' : 'share'
  return field?.kind === 'cell' || (field?.kind === 'list' && part !== 'pos') ? 'cell' : 'other'
}

export const cellFieldAt = (type: RecordType, path: string) => {
  const [name = '', , part = ''] = path.split('/')
  const field = type.fields[name]
  const inner = field?.kind === 'list' ? field.entry[part] : field
  return inner?.kind === 'cell' ? inner : null
}

/** The write whose value a screen shows, and that value. */
export const onScreen = (
  type: RecordType,
  live: LiveWrites,
  path: string,
): { readonly write: Write | null; readonly value: Value | undefined } => {
  const here = live.get(path) ?? []
  const field = cellFieldAt(type, path)
  const register = registerAt(type, path)
  if (register === 'cell' && field !== null) {
    const { write } = shownAt(field, live, path)
    return { write, value: write?.value }
  }
  if (register === 'element' && here.length > 0) {
    const value = isInSet(live, path)
    return { write: latest(here.filter(write => write.value === value)), value }
  }
  const write = latest(here)
  return { write, value: write?.value }
}

/** The cells that must go, and why; null when there is nothing to write. */
export const expectWrite = (
  type: RecordType,
  live: LiveWrites,
  hand: Hand,
  { path, value, shown }: Intended,
): Map<string, Fate> | null => {
  const here = live.get(path) ?? []
  const register = registerAt(type, path)
  // «Of fields that a write rule reads, a client keeps its own overwritten cells until they are saved.»
  const mustStay = ({ client, clock }: Write): boolean =>
    JUDGED_FIELDS.includes(path) && client === hand.client && clock >= hand.savedClock
  if (here.length === 0) return register === 'element' && value === false ? null : new Map()
  if (register === 'once') return null
  const screen = onScreen(type, live, path)
  const isAll = shown === 'all'
  const saysNothingNew = isEqual(screen.value, value)
  if (saysNothingNew && !isAll) return null
  const isFirst = cellFieldAt(type, path)?.policy === 'first' && register === 'cell'
  const mayReplace = (write: Write): boolean =>
    !isFirst ||
    hand.takesOver ||
    write.value === null ||
    write.author === hand.user ||
    write.value === hand.user
  const isReplaced = (write: Write): boolean =>
    write.client === hand.client || ((isAll || isEqual(write.value, screen.value)) && mayReplace(write))
  // Settling by the value on screen is a write as soon as a rival goes with it. Where all rivals may stay, because
  // somebody else holds them, there is nothing to say a second time.
  const isRivalReplaced = here.some(write => isReplaced(write) && !isEqual(write.value, value))
  if (saysNothingNew && !isRivalReplaced) return null
  const fates = new Map<string, Fate>()
  for (const write of here) {
    if (!isReplaced(write) || mustStay(write)) continue
    fates.set(write.id, write.client === hand.client ? 'own older' : isAll ? 'settled' : 'shown')
  }
  // «The latest of one client id counts»: with it goes what that id had there before.
  for (const write of here) {
    const isBehind = here.some(
      ({ id, client, clock }) => fates.has(id) && client === write.client && clock > write.clock,
    )
    if (isBehind && !mustStay(write)) fates.set(write.id, fates.get(write.id) ?? 'shown')
  }
  return fates
}
