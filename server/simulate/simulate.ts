// A seeded history of several people on several devices: they write, lose contact, come back with clocks a day
// wrong, reload, undo, remove what others edit; messages arrive late, twice and out of order; the server is killed
// between applying and saving, and its disk refuses writes for a while. After every step the device that took it is
// held against the oracle, and at the end all of them against each other.

import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'
import { fold } from '../../shared/record/fold.ts'
import { openRecord } from '../../shared/record/open-record.ts'
import type { RecordOnDoc } from '../../shared/record/record.ts'
import { buildView } from '../../shared/record/view.ts'
import { Device, type Person, type World } from './device.ts'
import { editBy } from './edit.ts'
import { Ledger, type LiveWrites } from './ledger.ts'
import { expectedView, openQuestions } from './oracle.ts'
import { createRandom, type Random } from './random.ts'
import { Specimen } from './specimen.ts'
import { WitnessServer } from './witness-server.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly steps?: number
  /** The server is never killed, and its disk takes every write. */
  readonly calm?: boolean
}

export interface SimulationResult {
  readonly seed: number
  readonly history: readonly string[]
  readonly writes: number
  /** What did not hold, at the last step of the history. */
  readonly failure: Error | null
}

interface Message {
  readonly to: number
  readonly from: number
  readonly bytes: Uint8Array
}

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 5)
const PEOPLE: readonly Person[] = [
  { id: 'ana', isDispatcher: false },
  { id: 'boris', isDispatcher: false },
  { id: 'desk', isDispatcher: true },
]
const SERVER = -1
const MISHAPS = 0x5eed

export const simulate = ({ seed, steps = 40, calm = false }: SimulationOptions): SimulationResult => {
  const run = new Simulation(seed, calm)
  let failure: Error | null = null
  try {
    for (let i = 0; i < steps; i++) run.step()
    run.settle()
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
  }
  run.close()
  return { seed, history: run.history, writes: run.world.ledger.writes.size, failure }
}

class Simulation {
  readonly history: string[] = []
  readonly world: World
  readonly #devices: Device[]
  readonly #server: WitnessServer
  #network: Message[] = []
  readonly #cut = new Set<number>()
  readonly #views = new Map<Device, RecordOnDoc['view']>()
  /** What befalls the server is drawn apart, so that a calm history is the same up to the first mishap. */
  #mishaps: Random | null
  /** What the server wrote since its disk refuses, which nobody may hear of; null while the disk takes writes. */
  #held: (Uint8Array | null)[] | null = null

  constructor(seed: number, calm: boolean) {
    const random = createRandom(seed)
    this.#mishaps = calm ? null : createRandom(seed + MISHAPS)
    const clientIds = new Set<number>()
    let entries = 0
    this.world = {
      random,
      ledger: new Ledger(),
      nowMs: START_MS,
      newClientId: () => {
        for (;;) {
          const id = 1 + random.below(2 ** 31 - 2)
          if (!clientIds.has(id)) {
            clientIds.add(id)
            return id
          }
        }
      },
      newEntryId: () => `e${entries++}`,
    }
    this.#server = new WitnessServer(this.world)
    const count = 2 + random.below(4)
    this.#devices = Array.from({ length: count }, (_, i) => {
      const person = random.pick(PEOPLE)
      const offset = random.chance(0.4) ? Math.floor((random.below(2001) / 1000 - 1) * DAY_MS) : 0
      return new Device(this.world, `${person.id}${i}`, person, offset)
    })
  }

  step(): void {
    const { random } = this.world
    this.world.nowMs += random.chance(0.05) ? random.below(DAY_MS / 4) : random.below(3000)
    const at = random.below(this.#devices.length)
    const device = this.#devices[at]
    if (device === undefined) return
    const what = random.below(100)
    if (what < 58) this.#edit(device, at)
    else if (what < 74) this.#deliver()
    else if (what < 84) this.#upload([at])
    else if (what < 88) this.#upload(this.#devices.map((_, i) => i).filter(() => random.chance(0.6)))
    else if (what < 91) this.#syncPair(at)
    else if (what < 94) this.#toggleCut(at)
    else if (what < 97) this.#reload(device)
    else this.#moveClock(device)
    this.#check(device)
  }

  /** Everybody comes back; all must agree, with each other and with the oracle. */
  settle(): void {
    this.#note('everybody comes back')
    this.#cut.clear()
    this.#mendDisk()
    this.#mishaps = null
    for (let i = this.#network.length; i > 0; i--) this.#deliver()
    // A device that waits for a neighbour's bytes has nothing to tell the server before it has them.
    for (const device of this.#devices) {
      for (const other of this.#devices)
        other.receive(Y.encodeStateAsUpdate(device.doc, Y.encodeStateVector(other.doc)))
    }
    this.#devices.forEach((_, i) => {
      this.#exchange(i)
    })
    for (const device of this.#devices) this.#exchangeWithServer(device)
    this.#checkAgreement()
    this.#checkNothingLost()
    this.#checkFold()
  }

  close(): void {
    for (const device of this.#devices) device.close()
    this.#server.close()
  }

  #note(line: string): void {
    this.history.push(line)
  }

  #edit(device: Device, at: number): void {
    const line = editBy(device, this.world, text => this.#note(`${device.name} ${text}`))
    if (line === null) return
    for (const bytes of line) {
      for (let to = SERVER + 1; to < this.#devices.length; to++) {
        if (to !== at) this.#network.push({ to, from: at, bytes })
      }
    }
  }

  #deliver(): void {
    const { random } = this.world
    const open = this.#network.filter(({ to, from }) => !this.#cut.has(to) && !this.#cut.has(from))
    if (open.length === 0) return
    // Mostly the oldest, or little would ever be whole; sometimes any, which is a message overtaken.
    const message = random.chance(0.7) ? open[0] : random.pick(open)
    if (message === undefined) return
    if (!random.chance(0.15)) this.#network = this.#network.filter(other => other !== message)
    const device = this.#devices[message.to]
    if (device === undefined) return
    const from = message.from === SERVER ? 'the server' : this.#devices[message.from]?.name
    this.#note(`${device.name} hears from ${from}`)
    device.receive(message.bytes)
    this.#check(device)
  }

  /** Devices send the server what it lacks, in one commit, and hear its time. */
  #upload(from: readonly number[]): void {
    const open = from.filter(i => !this.#cut.has(i) && this.#devices[i]?.isWhole === true)
    if (open.length === 0) return
    const devices = open.map(i => this.#devices[i]).filter(device => device !== undefined)
    const names = devices.map(({ name }) => name)
    this.#note(`${names.join(' and ')} ${names.length === 1 ? 'reaches' : 'reach'} the server`)
    const vector = Y.encodeStateVector(this.#server.doc)
    const sent = this.#server.commit(devices.map(({ doc }) => Y.encodeStateAsUpdate(doc, vector)))
    if (!this.#isSaved(sent)) return
    for (const device of devices) {
      if (this.world.random.chance(0.5)) device.clock.contact(this.world.nowMs)
      // An acknowledgement may be lost.
      if (this.world.random.chance(0.7)) device.savedClock = Y.getState(this.#server.doc.store, device.client)
    }
    this.#relay(sent)
  }

  /** Whether the commit reached the disk: only then is it acknowledged and told. */
  #isSaved(sent: Uint8Array | null): boolean {
    const what = this.#mishaps?.below(100) ?? 0
    if (this.#mishaps !== null && what >= 92) {
      this.#note('the server is killed before it has saved that')
      this.#server.crash()
      this.#held = null
      return false
    }
    if (this.#held !== null) {
      this.#held.push(sent)
      if (what < 40) this.#mendDisk()
      return false
    }
    if (this.#mishaps !== null && what >= 84) {
      this.#note('the disk refuses to write that')
      this.#held = [sent]
      return false
    }
    this.#server.save()
    return true
  }

  #mendDisk(): void {
    if (this.#held === null) return
    this.#note('the disk takes writes again')
    this.#server.save()
    for (const sent of this.#held) this.#relay(sent)
    this.#held = null
  }

  #relay(sent: Uint8Array | null): void {
    if (sent === null) return
    for (const to of this.#devices.keys()) this.#network.push({ to, from: SERVER, bytes: sent })
  }

  #syncPair(a: number): void {
    const { random } = this.world
    const b = random.below(this.#devices.length)
    if (a === b || this.#cut.has(a) || this.#cut.has(b)) return
    const [left, right] = [this.#devices[a], this.#devices[b]]
    if (left === undefined || right === undefined) return
    this.#note(`${left.name} and ${right.name} exchange what they lack`)
    right.receive(Y.encodeStateAsUpdate(left.doc, Y.encodeStateVector(right.doc)))
    left.receive(Y.encodeStateAsUpdate(right.doc, Y.encodeStateVector(left.doc)))
    this.#check(right)
  }

  #toggleCut(at: number): void {
    const name = this.#devices[at]?.name
    if (this.#cut.delete(at)) this.#note(`${name} is back on line`)
    else {
      this.#cut.add(at)
      this.#note(`${name} is off line`)
    }
  }

  #reload(device: Device): void {
    this.#note(`${device.name} reloads`)
    device.reload()
    this.#views.delete(device)
  }

  #moveClock(device: Device): void {
    device.wallOffsetMs = Math.floor((this.world.random.below(2001) / 1000 - 1) * DAY_MS)
    this.#note(`${device.name}'s clock is set ${Math.round(device.wallOffsetMs / 1000)} s off`)
  }

  #exchange(at: number): void {
    const device = this.#devices[at]
    if (device === undefined) return
    this.#exchangeWithServer(device)
    this.#upload([at])
    this.#exchangeWithServer(device)
  }

  #exchangeWithServer(device: Device): void {
    device.receive(Y.encodeStateAsUpdate(this.#server.doc, Y.encodeStateVector(device.doc)))
  }

  /** The view kept up to date, the view built anew and the oracle's are one. */
  #check(device: Device): void {
    if (!device.hasChanged) return
    device.hasChanged = false
    const { record } = device
    const view = record.view as RecordOnDoc['view']
    const rebuilt = device.rebuiltIndex()
    const anew = buildView(Specimen, 'one', rebuilt, device.clock.now())
    assertEqual(`${device.name}'s view and one built anew`, view, anew)
    assertEqual(`${device.name}'s index and one built anew`, indexed(record.index), indexed(rebuilt))
    const live = device.live
    const expected = expectedView(Specimen, live, field => device.doc.getText(field).toString())
    for (const [field, value] of Object.entries(expected)) {
      assertEqual(`${device.name}'s ${field} and what the design says`, view[field], value)
    }
    const before = this.#views.get(device)
    for (const key of Object.keys(before ?? {})) {
      if (before?.[key] !== view[key] && isDeepStrictEqual(before?.[key], view[key])) {
        throw new Error(`${device.name}'s ${key} has not changed, and lost its identity`)
      }
    }
    this.#views.set(device, view)
    this.#checkQuestions(device, live)
  }

  #checkQuestions(device: Device, live: LiveWrites): void {
    const expected = openQuestions(Specimen, live, this.world.ledger)
    const asked = device.record.conflicts.filter(({ values }) => values.length > 0)
    const name = (kind: string, path: string, count: number): string =>
      `${kind} at ${path || 'the record'}: ${count}`
    assertEqual(
      `${device.name}'s open questions and what the design says`,
      // The record offers the value as well as those that lost.
      asked
        .map(({ kind, path, values }) => name(kind, path, values.length - (kind === 'values' ? 1 : 0)))
        .sort(),
      expected.map(({ kind, path, ids }) => name(kind, path, ids.size)).sort(),
    )
  }

  #checkAgreement(): void {
    const [first] = this.#devices
    if (first === undefined) return
    const state = Y.encodeStateVector(first.doc)
    for (const device of this.#devices) {
      this.#check(device)
      if (!device.isWhole) throw new Error(`${device.name} still waits for something`)
      // What tells the time of day may differ with the clocks.
      const { age: _, ...view } = device.record.view
      const { age: __, ...other } = first.record.view
      assertEqual(`${device.name}'s view and ${first.name}'s`, view, other)
      assertEqual(
        `${device.name}'s cells and ${first.name}'s`,
        indexed(device.record.index),
        indexed(first.record.index),
      )
      assertEqual(`${device.name}'s state vector and ${first.name}'s`, Y.encodeStateVector(device.doc), state)
      assertEqual(
        `${device.name}'s notes`,
        device.doc.getText('notes').toDelta(),
        first.doc.getText('notes').toDelta(),
      )
    }
    assertEqual("the server's cells", indexed(this.#server.index), indexed(first.record.index))
  }

  #checkFold(): void {
    const { doc } = this.#server
    const folded = fold(Specimen, doc, () => this.world.newClientId())
    assertEqual('the folded record and the one it was', foldable(folded), foldable(doc))
    folded.destroy()
  }

  /** Each value is live, or went for one of the reasons there are; each character stands unless it was deleted. */
  #checkNothingLost(): void {
    const { ledger } = this.world
    const live = this.#server.live
    const standing = new Set([...live.values()].flat().map(({ id }) => id))
    for (const { id, path, value } of ledger.writes.values()) {
      const fate = ledger.fates.get(id) ?? this.#server.fates.get(id)
      if (standing.has(id) === (fate !== undefined)) {
        throw new Error(
          `${path} = ${JSON.stringify(value)} is ${fate === undefined ? 'lost' : `live, though ${fate}`}`,
        )
      }
    }
    const expected = [...ledger.charsWritten].filter(char => !ledger.charsDeleted.has(char)).sort()
    assertEqual(
      'the characters of the notes',
      [...this.#server.doc.getText('notes').toString()].sort(),
      expected,
    )
  }
}

/** What a fold must leave as it is, which is everything but the ids. */
const foldable = (doc: Y.Doc): unknown => {
  const record = openRecord(Specimen, doc, { author: 'reader' })
  const { age: _, ...view } = record.view
  const questions = record.conflicts.map(({ kind, path, values, texts }) => ({
    kind,
    path,
    // What a tombstone has seen, it names by new ids.
    values: values
      .map(({ value, by, at }) => JSON.stringify([isTombstone(value) ? 'removed' : value, by, at]))
      .sort(),
    texts,
  }))
  const state = {
    view,
    questions: questions.sort((a, b) => (a.kind + a.path < b.kind + b.path ? -1 : 1)),
    notes: characters(doc.getText('notes')),
    tentative: [...record.index.paths()]
      .filter(path => /^claimedBy$|\/worker$/.test(path))
      .map(path => [path, record.field(path as 'claimedBy').tentative])
      .sort(),
  }
  record.close()
  return state
}

/** Character by character, since where a delta is cut says nothing. */
const characters = (text: Y.Text): unknown[] =>
  (text.toDelta() as { insert: string; attributes?: unknown }[]).flatMap(({ insert, attributes }) =>
    [...insert].map(char => [char, attributes ?? null]),
  )

const isTombstone = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'seen' in value

const indexed = (index: RecordOnDoc['index']): string[] =>
  [...index.cells()]
    .map(cell => `${cell.path}=${cell.client}.${cell.clock} ${JSON.stringify(cell.value)}`)
    .sort()

const assertEqual = (what: string, actual: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(actual, expected)) return
  throw new Error(`${what} differ:\n  ${JSON.stringify(actual)}\n  ${JSON.stringify(expected)}`)
}
