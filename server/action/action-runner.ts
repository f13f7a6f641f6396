// Runs requested actions, one after the other, each exactly once: what an action writes, in however many records,
// its answer, the numbers it took, and the mark that it is done are one commit. A server that dies before that
// commit finds the request again when it starts; one that dies after it finds the answer.

import { atOnce } from '../../shared/record/at-once.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { ACTIONS, RESULTS } from '../../shared/record/path.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import type { Value } from '../../shared/record/value.ts'
import { RoomRefusal } from '../room/peer.ts'
import type { Composed } from '../room/compose-change.ts'
import type { Room } from '../room/room.ts'
import { RoomClosed } from '../room/room-closed.ts'
import type { AppliedUpdates } from '../room/room-doc.ts'
import type { Rooms } from '../room/rooms.ts'
import { higherThanKnown, NumberSeries } from './number-series.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { ChangeOutcome, Store, ValuePut } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'
import { type ActionPlan, argsOf, planAction } from './action-plan.ts'
import {
  type ActionResult,
  ACTIONS_SPACE,
  askedFor,
  doneValue,
  parsePending,
  type PendingAction,
} from './action-request.ts'
import { HeldRooms } from './hold-rooms.ts'
import { type ActionLimits, answerOfSpent, spentAnswers } from './spent-answers.ts'

/** So many go into one commit at most: the records of all of them stand still until it is durable. */
const BATCH_MAX = 32
const RETRY_MS = 250

export interface ActionRunnerParts {
  readonly store: Pick<Store, 'readValues' | 'readValue'>
  readonly limits: ActionLimits
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly rooms: () => Pick<Rooms, 'open'>
  readonly types: ReadonlyMap<string, RecordType>
  readonly now: () => number
  readonly logger: { error(fields: object, message: string): void }
}

interface Queued extends PendingAction {
  /** Rooms that it turned out to need besides those foreseen. */
  needs?: readonly string[]
  /** Decided without a run: its writes could not be made. */
  verdict?: ActionResult | undefined
}

export class ActionRunner {
  readonly #parts: ActionRunnerParts
  readonly #queue = new Map<string, Queued>()
  /**
   * Of an import, or of the run before: so many that nobody shall wait behind them, and that they stay in the store until
   * their turn comes. Null: it has not.
   */
  readonly #behind = new Map<string, Queued | null>()
  /** Not to be run yet; of what was refused, there is nothing in the store. */
  readonly #keptBack = new Set<string>()
  readonly series = new NumberSeries()
  readonly #waiting = new Map<string, ((result: ActionResult | null) => void)[]>()
  #running: Promise<void> | null = null
  #isClosed = false
  #retry: NodeJS.Timeout | null = null

  constructor(parts: ActionRunnerParts) {
    this.#parts = parts
  }

  /** How many are asked for and not decided. */
  get size(): number {
    return this.#ready + this.#keptBack.size
  }

  /** Whatever was asked for before the server ended is run now. */
  async start(): Promise<void> {
    await this.series.read(this.#parts.store)
    for await (const { key } of valuesOf(this.#parts.store, ACTIONS_SPACE)) this.#behind.set(key, null)
    this.#run()
  }

  enqueue(requests: readonly PendingAction[]): void {
    // Of a server that is only opened, as for a command: the next that starts finds them in the store.
    if (!this.series.isRead) return
    for (const request of requests) if (!this.#has(request.key)) this.#queue.set(request.key, request)
    if (requests.length > 0) this.#run()
  }

  /** They wait for `release`: who brings many records does not know yet which numbers come with them. */
  keepBack(keys: Iterable<string>): void {
    if (this.series.isRead) for (const key of keys) this.#keptBack.add(key)
  }

  release(keys: Iterable<string>): void {
    for (const key of keys) if (this.#keptBack.delete(key)) this.#behind.set(key, null)
    this.#run()
  }

  get #ready(): number {
    return this.#queue.size + this.#behind.size
  }

  #has(key: string): boolean {
    return this.#queue.has(key) || this.#behind.has(key) || this.#keptBack.has(key)
  }

  async #nextBatch(): Promise<Queued[]> {
    const batch = [...this.#queue.values()].slice(0, BATCH_MAX)
    for (const [key, known] of this.#behind) {
      if (batch.length === BATCH_MAX) break
      const queued = known ?? (await this.#readPending(key))
      if (queued === null) this.#answer(key, null)
      else {
        this.#behind.set(key, queued)
        batch.push(queued)
      }
    }
    return batch
  }

  async #readPending(key: string): Promise<Queued | null> {
    const { values } = await this.#parts.store.readValues(ACTIONS_SPACE, { prefix: key, limit: 1 })
    const [found] = values
    return found?.key === key ? parsePending(key, found.value) : null
  }

  /** Numbers of these series come behind these from now on. Not amid a commit that has taken some already. */
  async goOnBehind(numbers: ReadonlyMap<string, number>): Promise<void> {
    while (this.#running !== null) await this.#running
    const noting = this.#noteNumbers(numbers)
    this.#running = noting
      .catch(() => {})
      .finally(() => {
        this.#running = null
        if (this.#ready > 0) this.#run()
      })
    await noting
  }

  async #noteNumbers(numbers: ReadonlyMap<string, number>): Promise<void> {
    // Of a server that is only opened, as for a command, nothing was read yet.
    const higher = await higherThanKnown(this.#parts.store, numbers)
    if (higher.length === 0) return
    const values = higher.flatMap(([series, last]) => this.series.puts(series, last))
    await this.#parts.committer.submit({ rooms: [], values })
    this.series.saved(higher)
  }

  /** The answer, when it is durable; null when the server ends, or the record is gone, before there is one. */
  decided(key: string): Promise<ActionResult | null> {
    if (!this.#has(key)) return Promise.resolve(null)
    return new Promise(resolve => {
      const known = this.#waiting.get(key)
      if (known === undefined) this.#waiting.set(key, [resolve])
      else known.push(resolve)
    })
  }

  /** What is under way is ended; the rest is found again at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#retry !== null) clearTimeout(this.#retry)
    await this.#running
    for (const key of [...this.#waiting.keys()]) this.#answer(key, null)
  }

  #run(): void {
    if (this.#running !== null || this.#isClosed || this.#retry !== null) return
    this.#running = this.#runAll().finally(() => {
      this.#running = null
      if (this.#ready > 0) this.#run()
    })
  }

  async #runAll(): Promise<void> {
    while (this.#ready > 0 && !this.#isClosed) {
      let batch: readonly Queued[] = []
      try {
        batch = await this.#nextBatch()
        await this.#runBatch(batch)
      } catch (error) {
        if (error instanceof RoomClosed) continue
        this.#parts.logger.error({ err: error }, 'actions could not be run; they are tried again')
        this.#later(batch)
        return
      }
    }
  }

  /** Behind the others, and not at once: what hinders one must not hinder all. */
  #later(batch: readonly Queued[]): void {
    for (const queued of batch) {
      const queue = this.#queue.has(queued.key) ? this.#queue : this.#behind
      queue.delete(queued.key)
      queue.set(queued.key, queued)
    }
    if (this.#isClosed) return
    this.#retry = setTimeout(() => {
      this.#retry = null
      this.#run()
    }, RETRY_MS)
    this.#retry.unref()
  }

  async #runBatch(batch: readonly Queued[]): Promise<void> {
    const held = new HeldRooms(this.#parts.rooms())
    const run = new BatchRun(this.#parts, held, this.series)
    try {
      await run.take(batch)
      const outcome = await run.commit()
      this.series.saved(run.taken)
      for (const { key, result } of outcome) this.#answer(key, result)
    } catch (error) {
      run.undo()
      throw error
    } finally {
      held.release()
    }
  }

  #answer(key: string, result: ActionResult | null): void {
    this.#queue.delete(key)
    this.#behind.delete(key)
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    for (const resolve of waiting) resolve(result)
  }
}

interface Decided {
  readonly key: string
  readonly result: ActionResult | null
}

/** Some requests on their way to one commit. */
class BatchRun {
  readonly #parts: ActionRunnerParts
  readonly #held: HeldRooms
  readonly #series: NumberSeries
  /** The last number that it took of each series. */
  readonly taken = new Map<string, number>()
  /** What was the last before it took any. */
  readonly #before = new Map<string, number>()
  readonly #touched = new Map<string, Room>()
  readonly #decided: Decided[] = []
  readonly #values: ValuePut[] = []
  #isCommitted = false

  constructor(parts: ActionRunnerParts, held: HeldRooms, series: NumberSeries) {
    this.#parts = parts
    this.#held = held
    this.#series = series
  }

  /** Takes requests in order, as far as they fit into one commit; at least the first. */
  async take(batch: readonly Queued[]): Promise<void> {
    await this.#held.take(await this.#foreseen(batch))
    for (const queued of batch) {
      const room = this.#held.rooms.get(queued.room)
      // It stays in the store, for a start that serves the type or has repaired the record.
      if (room === undefined) this.#decided.push({ key: queued.key, result: null })
      else if (!(await this.#takeOne(queued, room))) return
    }
  }

  async commit(): Promise<readonly Decided[]> {
    const written: { room: Room; applied: AppliedUpdates; composed: Composed }[] = []
    for (const room of this.#touched.values()) {
      const { guarded } = room
      if (guarded === null) throw new Error(`${room.name} is no record`)
      const { limits, now } = this.#parts
      const spent = spentAnswers(room.name, guarded.record.index, limits, now(), room.isHalfFull)
      this.#values.push(...spent.values)
      const applied = guarded.endTurn(room.commit + 1, spent.cells)
      const by = applied.record?.authors.at(-1)?.by ?? ''
      written.push({ room, applied, composed: room.changeOf(applied, by) })
    }
    const values = [
      ...written.flatMap(({ composed }) => composed.values),
      ...this.#values,
      ...[...this.taken].flatMap(([series, last]) => this.#series.puts(series, last)),
    ]
    if (written.length + values.length === 0) return this.#decided
    const outcome = await this.#parts.committer.submit({
      rooms: written.map(({ composed }) => composed.change),
      values,
    })
    if (!outcome.saved) throw new RoomClosed(outcome.moved.join(', '))
    this.#isCommitted = true
    for (const { room, applied, composed } of written) {
      const head = outcome.heads.find(one => one.room === room.name)
      if (head === undefined) throw new Error(`the commit gave no head of ${room.name}`)
      room.took(applied, composed.turn, head, eventsOf(outcome, room.name))
    }
    return this.#decided
  }

  /** What was written to docs and is not stored must not be seen: those records begin anew from the store. */
  undo(): void {
    if (this.#isCommitted) return
    this.#series.givenBack(this.taken, this.#before)
    for (const room of this.#touched.values()) room.reset('INTERNAL')
  }

  async #foreseen(batch: readonly Queued[]): Promise<string[]> {
    const names: string[] = []
    for (const queued of batch) {
      names.push(queued.room)
      try {
        const room = await this.#parts.rooms().open(queued.room)
        names.push(...(queued.needs ?? foreseenOf(room, queued)))
      } catch (error) {
        if (!(error instanceof RoomRefusal) || error.isPassing) throw error
      }
    }
    return names
  }

  /** False: it waits for the next commit. */
  async #takeOne(queued: Queued, room: Room): Promise<boolean> {
    const index = room.guarded?.record.index
    const request = index?.at(`${ACTIONS}/${queued.id}`)[0]
    if (room.head?.state === 'purged' || index === undefined || request === undefined) {
      this.#forget(queued)
      return true
    }
    const answer = index.at(`${RESULTS}/${queued.id}`)[0]
    if (answer !== undefined) {
      // It ran already: this is the same request, come a second time.
      this.#decide(queued, answer.value as unknown as ActionResult)
      return true
    }
    queued.verdict ??= (await answerOfSpent(this.#parts.store, queued.key)) ?? undefined
    const { rooms } = this.#held
    const needs = this.#needsOf(queued, room)
    if (needs.some(name => !this.#held.has(name))) {
      queued.needs = needs
      return this.#decided.length > 0 ? false : this.#takeWith(queued, room, needs)
    }
    const plan =
      queued.verdict === undefined ? this.#plan(queued, room, request.value) : verdict(queued.verdict)
    const written = new Set([room.name, ...plan.writes.keys()])
    if ([...written].some(name => comesAgain(rooms.get(name), queued.me.id))) return false
    await this.#held.take(written)
    this.#write(queued, room, plan)
    return true
  }

  /** The record changed since its needs were foreseen. */
  async #takeWith(queued: Queued, room: Room, needs: readonly string[]): Promise<boolean> {
    await this.#held.take(needs)
    return this.#takeOne(queued, room)
  }

  #needsOf(queued: Queued, room: Room): readonly string[] {
    if (queued.verdict !== undefined) return []
    try {
      return needsOf(room, queued)
    } catch (error) {
      queued.verdict = this.#failed(queued, error)
      return []
    }
  }

  #plan(queued: Queued, room: Room, value: Value): ActionPlan {
    const { types, now } = this.#parts
    const scene = {
      types,
      rooms: this.#held.rooms,
      missing: this.#held.missing,
      lastNumber: (series: string) => Math.max(this.taken.get(series) ?? 0, this.#series.last(series)),
      now: now(),
      answerChars: this.#parts.limits.cellBytes,
    }
    try {
      return planAction(scene, room, queued.id, askedFor(value), queued.me)
    } catch (error) {
      return verdict(this.#failed(queued, error))
    }
  }

  #failed(
    { room, id }: Queued,
    error: unknown,
    reason = 'it failed on the server: tell the operator',
  ): ActionResult {
    this.#parts.logger.error({ room, action: id, err: error }, 'an action failed')
    return { ok: false, reason }
  }

  #write(queued: Queued, room: Room, plan: ActionPlan): void {
    const person = queued.me
    // Its own record first, so that its event comes before those of what it made.
    const own = this.#docOf(room.name)
    try {
      for (const [name, intents] of plan.writes) this.#docOf(name).write(person, intents)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      // What it was asked with may be at fault, so who asked is told which value it is.
      queued.verdict = this.#failed(queued, error, error.message)
      throw new RoomClosed(room.name)
    }
    own.writeResult(person, queued.id, plan.result as unknown as Value)
    for (const [name, last] of plan.series) {
      if (!this.taken.has(name)) this.#before.set(name, this.#series.last(name))
      this.taken.set(name, last)
    }
    this.#decide(queued, plan.result)
  }

  #docOf(name: string) {
    const room = this.#held.rooms.get(name)
    const doc = room?.guarded
    if (room === undefined || !doc) throw new Error(`${name} is no record that is held`)
    this.#touched.set(name, room)
    return doc
  }

  #decide(queued: Queued, result: ActionResult | null): void {
    this.#values.push(doneValue(queued))
    this.#decided.push({ key: queued.key, result })
  }

  #forget(queued: Queued): void {
    this.#decide(queued, null)
  }
}

const verdict = (result: ActionResult): ActionPlan => ({ result, writes: new Map(), series: new Map() })

/** One person's writes to a record in one commit are one event, so nobody writes again after somebody else did. */
const comesAgain = (room: Room | undefined, by: string): boolean => {
  const writers = room?.guarded?.writers ?? []
  return writers.includes(by) && writers.at(-1) !== by
}

/** What fails now is looked at again when it is its turn. */
const foreseenOf = (room: Room, queued: PendingAction): readonly string[] => {
  try {
    return needsOf(room, queued)
  } catch {
    return []
  }
}

/** Throws where the type's own function does, or gives what names no room. */
const needsOf = (room: Room, { id }: PendingAction): readonly string[] => {
  const { guarded, type } = room
  const value = guarded?.record.index.at(`${ACTIONS}/${id}`)[0]?.value
  if (guarded === null || type === null || value === undefined) return []
  const { name, args } = askedFor(value)
  const action = Object.hasOwn(type.actions, name) ? type.actions[name] : undefined
  if (action?.needs === undefined) return []
  const whose = `needs of «${name}»`
  const given: unknown = atOnce(action.needs(guarded.record.view, argsOf(action.args, args) as never), whose)
  const needs = Array.isArray(given) ? given.filter(one => one !== null) : null
  if (needs === null || !needs.every(one => typeof one === 'string'))
    throw new TypeError(`${whose} gave what is no array of rooms`)
  return needs
}

const eventsOf = (outcome: Extract<ChangeOutcome, { saved: true }>, room: string) =>
  outcome.events.filter(event => event.room === room)
