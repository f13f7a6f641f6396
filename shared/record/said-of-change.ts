// What the functions of a type say of a change. A merge may bring together what the type's author never saw, and in
// JavaScript a function may give anything: what cannot be used is passed over, and no edit fails for it.

import { atOnce } from './at-once.ts'
import type { AnyView, Change, Message, Notice, RecordType, Signal } from './record-type.ts'
import { defaultSignals } from './define-record.ts'
import { valueProblem } from './value.ts'

export type FunctionFailed = (error: unknown) => void

/** Where the same function has been heard of already. */
export const unheard: FunctionFailed = () => {}

/** Where its type has no words for it, by what happened to the record. */
export const signalsOf = (
  type: RecordType,
  change: Change<AnyView>,
  failed: FunctionFailed,
): readonly Signal[] =>
  saidBy(`${type.name}.events`, () => type.events(change), isSignal, failed) ??
  defaultSignals(type.name)(change)

/** Null where they are none. */
export const messagesOf = (
  type: RecordType,
  signal: Signal,
  after: AnyView,
  failed: FunctionFailed,
): readonly Message[] | null =>
  saidBy(`${type.name}.messages`, () => type.messages(signal, after), isMessage, failed)

export const noticesOf = (
  type: RecordType,
  change: Change<AnyView>,
  failed: FunctionFailed,
): readonly Notice[] => saidBy(`${type.name}.notify`, () => type.notify(change), isNotice, failed) ?? []

const saidBy = <T>(
  whose: string,
  say: () => readonly T[],
  isOne: (one: Readonly<Record<string, unknown>>) => boolean,
  failed: FunctionFailed,
): readonly T[] | null => {
  try {
    const said: unknown = atOnce(say(), whose)
    if (!Array.isArray(said)) throw new TypeError(`${whose} gave no array`)
    const wrong = said.findIndex(one => !isJsonObject(one) || !isOne(one))
    if (wrong >= 0) throw new TypeError(`${whose} gave at ${wrong} what cannot be told`)
    return said
  } catch (error) {
    failed(error)
    return null
  }
}

const isSignal = ({ type, action }: Readonly<Record<string, unknown>>): boolean =>
  typeof type === 'string' && typeof action === 'string'

const isMessage = (): boolean => true

const LEVELS: readonly unknown[] = ['info', 'warning', 'success', 'error'] satisfies Notice['level'][]

const isNotice = (notice: Readonly<Record<string, unknown>>): boolean =>
  LEVELS.includes(notice['level']) &&
  typeof notice['kind'] === 'string' &&
  typeof notice['sentence'] === 'string' &&
  [notice['to'], notice['roles'], notice['except']].every(
    people => people === undefined || (Array.isArray(people) && people.every(isNameOrNull)),
  )

const isNameOrNull = (one: unknown): boolean => one === null || typeof one === 'string'

/** Left out and undefined are the same to JSON. */
const isJsonObject = (one: unknown): one is Readonly<Record<string, unknown>> =>
  typeof one === 'object' &&
  one !== null &&
  !Array.isArray(one) &&
  Object.values(one).every(part => part === undefined || valueProblem(part) === null)
