// Runs an action over the state of its records and gives what it would write. Nothing is written here: a refusal
// half-way leaves no trace.

import type * as Y from 'yjs'
import { atOnce } from '../../shared/record/at-once.ts'
import { createMe, ruleRefusal } from '../../shared/record/access.ts'
import { fieldConflicts } from '../../shared/record/conflicts.ts'
import type { ActionContext, AnyView, Me, RecordType } from '../../shared/record/record-type.ts'
import type { EntryFields, LogFields } from '../../shared/record/field.ts'
import { ACTIONS, CREATED, escapeSegment, joinPath, RECORD_PATH } from '../../shared/record/path.ts'
import { positionBetween } from '../../shared/record/position.ts'
import { randomId } from '../../shared/record/record.ts'
import { isSlot, slotAt } from '../../shared/record/slot.ts'
import { type Value, valueProblem } from '../../shared/record/value.ts'
import { viewAt } from '../../shared/record/derived.ts'
import { lastOf } from '../../shared/record/view.ts'
import { type Intent, recordRemoval } from '../../shared/record/writer.ts'
import type { Room } from '../room/room.ts'
import type { ActionResult, AskedFor } from './action-request.ts'
import { assertReadAsTaken } from './number-series.ts'

export interface ActionPlan {
  readonly result: ActionResult
  readonly writes: ReadonlyMap<string, readonly Intent[]>
  /** The last number given of each series that was counted on. */
  readonly series: ReadonlyMap<string, number>
}

export interface ActionScene {
  readonly types: ReadonlyMap<string, RecordType>
  /** All that the action named, and its own. */
  readonly rooms: ReadonlyMap<string, Room>
  /** Named, and not to be had. */
  readonly missing: ReadonlySet<string>
  readonly lastNumber: (series: string) => number
  readonly now: number
  /** What an answer may be long, as JSON: every reader of the record has it. */
  readonly answerChars: number
}

class Refusal extends Error {}

/** An error that is neither a refusal nor a plan is one of the type's own. */
export const planAction = (
  scene: ActionScene,
  room: Room,
  id: string,
  asked: AskedFor,
  person: Omit<Me, 'is'>,
): ActionPlan => {
  const me = createMe(person)
  const type = room.type
  const record = room.guarded?.record
  const action =
    type !== null && Object.hasOwn(type.actions, asked.name) ? type.actions[asked.name] : undefined
  if (type === null || record === undefined || action === undefined)
    return refused(`there is no action «${asked.name}» any more`)
  const view = viewAt(type, record.view, scene.now)
  const path = `${ACTIONS}/${id}`
  const notAllowed = ruleRefusal(action.allow, { me, path, value: asked.args, view: () => view })
  if (notAllowed !== null) return refused(notAllowed, { code: 'NOT_PERMITTED' })
  const draft = new Draft(scene, room)
  try {
    const given = action.run(contextOf(draft, me, view, argsOf(action.args, asked.args)))
    const result = atOnce(given, `«${asked.name}»`) ?? null
    // Caught in between, it would have been no refusal.
    if (draft.refusal !== null) return refused(draft.refusal.message)
    // What cannot be stored would fail with the commit, and with it all that were asked for together.
    const problem = valueProblem(result)
    if (problem !== null) throw new TypeError(`what «${asked.name}» gave is no answer: ${problem}`)
    if (JSON.stringify(result).length > scene.answerChars)
      throw new TypeError(`what «${asked.name}» gave is longer than ${scene.answerChars} bytes of JSON`)
    const { numbers } = action
    const number = numbers === undefined ? null : (draft.written(numbers.field) ?? null)
    if (numbers !== undefined && number !== null && number !== view[numbers.field] && draft.series.size > 0)
      assertReadAsTaken(numbers, String(number), draft.series)
    return { result: { ok: true, result }, writes: draft.intents, series: draft.series }
  } catch (error) {
    if (error instanceof Refusal) return refused(error.message)
    throw error
  }
}

const refused = (reason: string, besides: { readonly code?: 'NOT_PERMITTED' } = {}): ActionPlan => ({
  result: { ok: false, reason, ...besides },
  writes: new Map(),
  series: new Map(),
})

export const argsOf = (fields: LogFields, given: AskedFor['args']): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, given[name] ?? field.initial]))

const contextOf = (
  draft: Draft,
  me: Me,
  t: AnyView,
  args: { readonly [name: string]: unknown },
): ActionContext<AnyView, never> => ({
  me,
  id: draft.own.name,
  now: draft.scene.now,
  t,
  // By the action's own table.
  args: args as never,
  get openReviews() {
    return openReviews(draft.own)
  },
  set(writes: { readonly [path: string]: Value }, room?: string) {
    const target = draft.room(room)
    for (const [path, value] of Object.entries(writes)) draft.put(target, path, value)
  },
  add: (counter, amount, room) => draft.add(draft.room(room), counter, amount),
  view: room => draft.view(room),
  create: (type, values, options = {}) => draft.create(type, values, options),
  remove(room) {
    const target = draft.room(room)
    draft.put(target, RECORD_PATH, recordRemoval(docOf(target)))
  },
  next: series => draft.next(series),
  refuse(sentence) {
    draft.refusal = new Refusal(sentence)
    throw draft.refusal
  },
})

const openReviews = ({ type, guarded }: Room): readonly string[] =>
  type === null || guarded === null
    ? []
    : fieldConflicts(type, guarded.record.index)
        .map(({ path }) => path)
        .filter(path => isReview(type, path))

const isReview = (type: RecordType, path: string): boolean => {
  const slot = slotAt(type, path)
  return isSlot(slot) && slot.policy === 'review'
}

class Draft {
  readonly scene: ActionScene
  readonly own: Room
  readonly #intents = new Map<string, Map<string, Intent>>()
  readonly series = new Map<string, number>()
  readonly #created = new Set<string>()
  refusal: Refusal | null = null

  constructor(scene: ActionScene, own: Room) {
    this.scene = scene
    this.own = own
  }

  get intents(): Map<string, readonly Intent[]> {
    return new Map([...this.#intents].map(([room, intents]) => [room, [...intents.values()]]))
  }

  /** To a field of its own record. */
  written(field: string): Value | undefined {
    return this.#intents.get(this.own.name)?.get(field)?.value
  }

  room(name: string = this.own.name): Room {
    const room = this.scene.rooms.get(name)
    if (room === undefined) throw new Error(`the action did not name ${name} among its needs`)
    return room
  }

  put({ name }: Room, path: string, value: Value): void {
    this.#putIn(name, path, value)
  }

  /** What the server has added to the counter so far, and this. */
  add(room: Room, counter: string, amount: number): void {
    const doc = docOf(room)
    const path = `${counter}/${doc.clientID}`
    const drafted = this.#intents.get(room.name)?.get(path)?.value
    const own = drafted ?? lastOf(room.guarded?.record.index.at(path) ?? [])?.value
    this.put(room, path, (typeof own === 'number' ? own : 0) + amount)
  }

  view(name: string): AnyView | null {
    if (this.scene.missing.has(name)) return null
    const { type, guarded } = this.room(name)
    const view = guarded?.record.view
    if (type === null || view === undefined || view.created === null || view.removed) return null
    return viewAt(type, view, this.scene.now)
  }

  create(
    typeName: string,
    values: { readonly [field: string]: Value },
    options: Parameters<ActionContext<AnyView, never>['create']>[2] = {},
  ): string {
    const type = this.scene.types.get(typeName)
    if (type === undefined)
      throw new TypeError(
        `create takes the name of a record type, as 'order', and «${String(typeName)}» is none`,
      )
    const wanted = `${typeName}:${options.id ?? randomId()}`
    const room = this.scene.rooms.get(wanted)
    if (options.id !== undefined && room === undefined) this.room(wanted)
    const isFree = !this.#created.has(wanted) && (room === undefined || !isTaken(room))
    if (!isFree && options.orAnother !== true)
      throw new Refusal(`there is, or was, a record ${wanted} already`)
    const name = isFree ? wanted : `${typeName}:${randomId()}`
    this.#created.add(name)
    this.#putIn(name, CREATED, true)
    for (const [field, value] of Object.entries(values)) {
      for (const [path, part] of partsOf(type.fields[field]?.kind, escapeSegment(field), value))
        this.#putIn(name, path, part)
    }
    for (const [list, entries] of Object.entries(options.entries ?? {}))
      this.#putEntries(name, type, list, entries)
    return name
  }

  next(series: string): number {
    if (typeof series !== 'string' || series === '')
      throw new TypeError(`next takes the name of a series, as 'order', and not ${String(series)}`)
    const number = (this.series.get(series) ?? this.scene.lastNumber(series)) + 1
    if (Number.isNaN(number))
      throw new Refusal(
        `the last number of the series «${series}» is damaged in the store: tell the operator`,
      )
    // What comes behind it would be the same again.
    if (!Number.isSafeInteger(number))
      throw new Refusal(`the series «${series}» has come to its end: tell the operator`)
    this.series.set(series, number)
    return number
  }

  #putEntries(
    room: string,
    type: RecordType,
    list: string,
    entries: readonly { readonly [field: string]: Value }[],
  ): void {
    const field = type.fields[list]
    if (field?.kind !== 'list') throw new Error(`${type.name}.${list} is no list`)
    const fields: EntryFields = field.entry
    let position = ''
    for (const entry of entries) {
      const path = joinPath(list, randomId())
      this.#putIn(room, `${path}/${CREATED}`, true)
      if (field.order === 'manual') {
        position = positionBetween(position, '')
        this.#putIn(room, `${path}/pos`, position)
      }
      for (const [part, value] of Object.entries(entry)) {
        for (const [at, one] of partsOf(fields[part]?.kind, `${path}/${escapeSegment(part)}`, value))
          this.#putIn(room, at, one)
      }
    }
  }

  #putIn(room: string, path: string, value: Value): void {
    const intents = this.#intents.get(room) ?? new Map<string, Intent>()
    this.#intents.set(room, intents)
    intents.set(path, { path, value, shown: 'all' })
  }
}

/** A set is written element by element; what a field starts with anyway is not written. */
const partsOf = (kind: string | undefined, path: string, value: Value): (readonly [string, Value])[] => {
  if (kind === 'set' && Array.isArray(value))
    return value.map(element => [`${path}/${escapeSegment(String(element))}`, true])
  return value === null ? [] : [[path, value]]
}

const isTaken = (room: Room): boolean =>
  room.head?.state === 'purged' || (room.guarded?.record.view.created ?? null) !== null

const docOf = (room: Room): Y.Doc => {
  const doc = room.guarded?.doc
  if (doc === undefined) throw new Error(`${room.name} is no record`)
  return doc
}
