// One edit of a simulated person, through the same doors as an application, and what must come of it.

import { RecordError } from '../../shared/record/record-error.ts'
import type { Device, UndoableWrite, World } from './device.ts'
import { expectWrite, type Hand, type Intended, onScreen } from './expectation.ts'
import { decodeUpdate, type Fate, type LiveWrites } from './ledger.ts'
import { makePlan, type Plan } from './make-plan.ts'
import { beneath, isEqual } from './oracle.ts'
import { Specimen } from './specimen.ts'
import { undoPlan } from './undo-plan.ts'

/** One edit; gives the updates it made. */
export const editBy = (device: Device, world: World, note: (text: string) => void): Uint8Array[] | null => {
  const { random } = world
  if (random.chance(0.12)) return editText(device, world, note)
  const plan = random.chance(0.1) ? undoPlan(device, world) : makePlan(device, world)
  if (plan === null) return null
  note(plan.text)
  return perform(device, world, plan)
}

const perform = (device: Device, world: World, plan: Plan): Uint8Array[] => {
  const { ledger } = world
  const live = device.live
  const known = device.known
  const hand: Hand = {
    client: device.client,
    user: device.person.id,
    takesOver: device.person.isDispatcher,
    savedClock: device.savedClock,
  }
  let code: string | null = null
  try {
    plan.run()
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    code = error.code
  }
  const updates = device.takeWritten()
  const decoded = updates.map(decodeUpdate)
  const written = decoded.flatMap(({ writes }) => writes)
  // Yjs tidies formats of a text in passing, which deletes what is no write.
  const struck = decoded.flatMap(one => one.struck).filter(id => ledger.writes.has(id))
  if (code !== (plan.refused ?? null))
    throw new Error(`${plan.text}: ${code ?? 'was not refused'}, expected ${plan.refused ?? 'no error'}`)
  const fates = new Map<string, Fate>()
  const awaited = new Map<string, Intended>()
  if (plan.refused === undefined) {
    for (const intended of plan.intended) {
      if (expectWrite(Specimen, live, hand, intended) === null) awaited.delete(intended.path)
      else awaited.set(intended.path, intended)
    }
    if (awaited.size > 0 && !live.has('$created'))
      awaited.set('$created', { path: '$created', value: true, shown: 'value' })
  }
  for (const write of written) {
    const intended = awaited.get(write.path)
    awaited.delete(write.path)
    // Where an entry comes to stand is checked by what is seen, not by the digits of its position.
    const isPosition = write.path.endsWith('/pos')
    const isTombstone = write.value !== null && typeof write.value === 'object' && 'seen' in write.value
    if (intended === undefined && !isPosition)
      throw new Error(`${plan.text}: wrote ${write.path}, unexpected`)
    if (intended !== undefined && !isPosition && !isTombstone && !isEqual(intended.value, write.value)) {
      throw new Error(
        `${plan.text}: wrote ${JSON.stringify(write.value)} at ${write.path}, not ${JSON.stringify(intended.value)}`,
      )
    }
    if (write.client !== hand.client || write.author !== hand.user)
      throw new Error(`${plan.text}: signed as somebody else`)
    const shown = intended?.shown ?? 'value'
    for (const [id, fate] of expectWrite(Specimen, live, hand, {
      path: write.path,
      value: write.value,
      shown,
    }) ?? [])
      fates.set(id, fate)
    if (isTombstone) ledger.seen.set(write.id, seenBy(write.path, live, known))
    ledger.add(write)
  }
  if (awaited.size > 0) throw new Error(`${plan.text}: did not write ${[...awaited.keys()].join(', ')}`)
  const expected = [...fates.keys()].sort().join(' ')
  if ([...struck].sort().join(' ') !== expected) {
    throw new Error(
      `${plan.text}: deleted ${struck.join(' ') || 'nothing'}, and should delete ${expected || 'nothing'}`,
    )
  }
  for (const [id, fate] of fates) ledger.fates.set(id, fate)
  for (const id of decoded.flatMap(one => one.struck)) device.struck.add(id)
  rememberForUndo(
    device,
    plan,
    written.map(({ id, path }) => ({
      path,
      before: onScreen(Specimen, live, path).value,
      id,
      over: onScreen(Specimen, live, path).write?.id ?? null,
    })),
  )
  return updates
}

/** The record's tombstone names all that was known, an entry's what was live beneath it. */
const seenBy = (path: string, live: LiveWrites, known: ReadonlySet<string>): ReadonlySet<string> =>
  path === '' ? known : new Set(beneath(live, path).map(({ id }) => id))

const rememberForUndo = (device: Device, plan: Plan, written: readonly UndoableWrite[]): void => {
  if (plan.refused !== undefined) return
  if (plan.isUndo === undefined) {
    if (written.length === 0) return
    device.undoable.push([...written])
    device.redoable = []
    return
  }
  const [from, to] =
    plan.isUndo === 'undo' ? [device.undoable, device.redoable] : [device.redoable, device.undoable]
  const step = from.pop()
  if (written.length > 0) to.push([...written])
  // What stood before the undone write stands again, under a new id: undoing goes on from there.
  for (const { path, over } of step ?? []) {
    const again = written.find(write => write.path === path)
    if (again === undefined) continue
    for (const earlier of from) {
      earlier.forEach((write, i) => {
        if (write.path === path && write.id === over) earlier[i] = { ...write, id: again.id }
      })
    }
  }
}

const editText = (device: Device, { random, ledger }: World, note: (text: string) => void): Uint8Array[] => {
  const text = device.doc.getText('notes')
  const characters = text.toString()
  if (characters.length > 0 && random.chance(0.35)) {
    const at = random.below(characters.length)
    const length = 1 + random.below(Math.min(3, characters.length - at))
    note(`deletes «${characters.slice(at, at + length)}»`)
    for (const char of characters.slice(at, at + length)) ledger.charsDeleted.add(char)
    text.delete(at, length)
  } else if (characters.length > 0 && random.chance(0.2)) {
    note('makes a word bold')
    text.format(random.below(characters.length), 1, { bold: random.chance(0.5) ? true : null })
  } else {
    // Every character is written once in a history, so that it can be told which one is missing.
    const from = 0x4e00 + ledger.charsWritten.size
    const typed = Array.from({ length: 1 + random.below(3) }, (_, i) => String.fromCharCode(from + i))
    for (const char of typed) ledger.charsWritten.add(char)
    note(`types «${typed.join('')}»`)
    text.insert(random.below(characters.length + 1), typed.join(''))
  }
  const updates = device.takeWritten()
  for (const update of updates) for (const id of decodeUpdate(update).struck) device.struck.add(id)
  return updates
}
