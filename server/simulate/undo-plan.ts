// What must come of taking back one's last step, or of doing it again.

import type { Value } from '../../shared/record/value.ts'
import type { Device, World } from './device.ts'
import { cellFieldAt, type Intended, onScreen } from './expectation.ts'
import type { Ledger, LiveWrites } from './ledger.ts'
import { type Plan, TOMBSTONE } from './make-plan.ts'
import { beneath, isInSet, isRemoved } from './oracle.ts'
import { Specimen } from './specimen.ts'

/** «The value before as a new cell of mine, where mine is still the live one.» */
export const undoPlan = (device: Device, { random, ledger }: World): Plan | null => {
  const isUndo = device.redoable.length === 0 || random.chance(0.6)
  const step = (isUndo ? device.undoable : device.redoable).at(-1)
  const live = device.live
  const run = (): void => {
    const result = isUndo ? device.record.undo() : device.record.redo()
    if ((result === null) !== (step === undefined))
      throw new Error(`there was ${step === undefined ? 'nothing' : 'something'} to undo`)
  }
  const text = isUndo ? 'undoes' : 'redoes'
  if (step === undefined) return { text, intended: [], run }
  const isRefused = isRemoved(live, '') && !step.some(({ path }) => path === '')
  const isOthers = (entry: string): boolean =>
    beneath(live, entry).some(({ author }) => author !== device.person.id)
  const added = step
    .filter(({ path, before }) => before === undefined && path.endsWith('/$created'))
    .map(({ path }) => path.slice(0, -'/$created'.length))
  const intended = added
    .filter(path => !isOthers(path) && !isRemoved(live, path))
    .map((path): Intended => ({ path, value: TOMBSTONE, shown: 'all' }))
  for (const { path, before, id } of step) {
    if (
      path === '$created' ||
      path.startsWith('scans/') ||
      added.some(entry => path === entry || path.startsWith(`${entry}/`))
    )
      continue
    if (isInRemoved(live, path)) continue
    if (onScreen(Specimen, live, path).write?.id !== id && !isMineInSet(live, path, id)) continue
    const isTombstone = path === '' || /^(lines|comments)\/[^/]+$/.test(path)
    if (isTombstone && before !== null && before !== undefined && hasSeenAll(ledger, live, path, id)) continue
    if (isTombstone) intended.push({ path, value: before ?? null, shown: 'all' })
    else if (before !== undefined || !path.endsWith('/pos')) {
      intended.push({ path, value: before ?? emptyAt(path), shown: 'value' })
    }
  }
  const tombstones = new Set(intended.filter(({ value }) => value !== null).map(({ path }) => path))
  const goesAlong = ({ path }: Intended): boolean =>
    [...tombstones].some(entry => /^(lines|comments)\/[^/]+$/.test(entry) && path.startsWith(`${entry}/`))
  const refusal = isRefused && intended.length > 0 ? { refused: 'REMOVED' } : {}
  return {
    text,
    intended: intended.filter(one => !goesAlong(one)),
    run,
    isUndo: isUndo ? 'undo' : 'redo',
    ...refusal,
  }
}

/** Removed again, an entry beneath which nothing has changed since would say what its tombstone says already. */
const hasSeenAll = (ledger: Ledger, live: LiveWrites, path: string, tombstone: string): boolean => {
  const beneathNow = beneath(live, path).map(({ id }) => id)
  const seen = ledger.seen.get(tombstone)
  return path !== '' && seen?.size === beneathNow.length && beneathNow.every(id => seen.has(id))
}

const isInRemoved = (live: LiveWrites, path: string): boolean => {
  const [name = '', key, part] = path.split('/')
  return part !== undefined && isRemoved(live, `${name}/${key}`)
}

const isMineInSet = (live: LiveWrites, path: string, id: string): boolean =>
  /^(tags|lines\/[^/]+\/flags|comments\/[^/]+\/mentions)\//.test(path) &&
  (live.get(path) ?? []).some(write => write.id === id && write.value === isInSet(live, path))

const emptyAt = (path: string): Value =>
  cellFieldAt(Specimen, path) !== null ? null : /^parts\/|\/used\//.test(path) ? 0 : false
