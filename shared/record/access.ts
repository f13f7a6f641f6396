// Judging one write by the rules of its type: the same function refuses early on the client and for good on
// the server, so that a person is told the same thing in both places.

import { atOnce } from './at-once.ts'
import type { Me, RecordType, Rule, RuleContext, AnyView } from './record-type.ts'
import { firstSegment } from './path.ts'
import type { Problem } from './record-error.ts'
import type { Slot } from './slot.ts'
import type { Value } from './value.ts'
import { reasonOf } from '../reason-of.ts'

export const createMe = (person: Omit<Me, 'is'>): Me => ({
  ...person,
  is: (...roles) => roles.some(role => person.roles.includes(role)) || person.roles.includes('admin'),
})

export interface WriteQuestion {
  readonly type: RecordType
  readonly slot: Slot
  readonly path: string
  readonly value: Value
  readonly me: Me
  /** The record before the write; a function, since most rules do not look. */
  readonly view: () => AnyView
  /** Who added the entry that the path lies in, or null when it is new. */
  readonly entryAuthor: string | null
}

export const permissionProblem = (question: WriteQuestion): Problem | null => {
  const { type, slot, path, me } = question
  if (me.roles.includes('admin')) return null
  const { access } = type
  const refusal =
    slot.kind === 'created'
      ? ruleRefusal(access.create, question)
      : slot.kind === 'removed'
        ? ruleRefusal(access.remove, question)
        : slot.kind === 'action'
          ? null
          : (ruleRefusal(access.write?.['*'], question) ??
            ruleRefusal(access.write?.[firstSegment(path)], question) ??
            (slot.part === null
              ? null
              : ruleRefusal(access.write?.[`${firstSegment(path)}.${slot.part}`], question)) ??
            ownRefusal(question))
  return refusal === null ? null : { code: 'NOT_PERMITTED', path, sentence: refusal }
}

/** Whether this person may replace what somebody else holds in a `first` field. */
export const mayTakeOver = (question: WriteQuestion): boolean => {
  if (question.me.roles.includes('admin')) return true
  const { takeOver } = question.type.access
  const { part } = question.slot
  const rule =
    (part === null ? undefined : takeOver?.[`${firstSegment(question.path)}.${part}`]) ??
    takeOver?.[firstSegment(question.path)]
  return rule !== undefined && ruleRefusal(rule, question) === null
}

const ownRefusal = ({ slot, entryAuthor, me }: WriteQuestion): string | null =>
  slot.own && entryAuthor !== null && entryAuthor !== me.id
    ? 'only the person who added this entry may change or remove it'
    : null

export const ruleRefusal = (
  rule: Rule<AnyView> | undefined,
  question: Omit<WriteQuestion, 'slot' | 'type' | 'entryAuthor'>,
): string | null => {
  if (rule === undefined || rule === true) return null
  if (rule === false) return 'nobody may change this'
  if (typeof rule !== 'function') {
    return question.me.is(...rule) ? null : `only ${rule.join(' or ')} may change this`
  }
  const verdict = verdictOf(rule, contextOf(question))
  return verdict === true
    ? null
    : typeof verdict === 'string'
      ? verdict
      : 'you may not change this as the record stands'
}

const VIEW = Symbol('view')

interface ReadOnDemand extends RuleContext<AnyView> {
  readonly [VIEW]: () => AnyView
}

const contextOf = ({
  me,
  path,
  value,
  view,
}: Pick<WriteQuestion, 'me' | 'path' | 'value' | 'view'>): RuleContext<AnyView> => {
  const context: Omit<ReadOnDemand, 't'> = { me, path, value, [VIEW]: view }
  return Object.defineProperty(context, 't', READ_VIEW) as ReadOnDemand
}

/** One for all: an object whose getter is its own takes V8 six times as long to make, and three times the memory. */
const READ_VIEW: PropertyDescriptor & ThisType<ReadOnDemand> = {
  get() {
    return this[VIEW]()
  },
  enumerable: true,
  configurable: true,
}

/**
 * A rule that fails at what the record holds permits nothing, and says so to who asked. What it gives is not known: in
 * JavaScript one that forgets to answer, or answers by what is not there, permits nothing either.
 */
const verdictOf = (
  rule: (context: RuleContext<AnyView>) => unknown,
  context: RuleContext<AnyView>,
): unknown => {
  try {
    return atOnce(rule(context), 'it')
  } catch (error) {
    return `this cannot be judged: its rule failed (${reasonOf(error)})`
  }
}

/**
 * The fields that write rules read. A client keeps its own overwritten cells of these until they are saved, so
 * that reopen, edit, close off line can be judged in order. They are found by running each rule once against a
 * record that notes what is asked of it.
 */
export const gatingFields = (type: RecordType): ReadonlySet<string> => {
  const known = gatingByType.get(type)
  if (known !== undefined) return known
  const read = new Set<string>()
  const view = new Proxy({} as Record<string, unknown>, {
    get(_, key) {
      if (typeof key === 'string') noteRead(type, key, read)
      return undefined
    },
  }) as AnyView
  const { create, remove, write = {}, takeOver = {} } = type.access
  for (const rule of [create, remove, ...Object.values(write), ...Object.values(takeOver)]) {
    if (typeof rule !== 'function') continue
    for (const context of questionsFor(view)) {
      try {
        rule(context)
      } catch {
        // It looked deeper into a field than this empty record goes; that it looked has been noted.
      }
    }
  }
  const fields: ReadonlySet<string> = new Set([...read].filter(name => Object.hasOwn(type.fields, name)))
  gatingByType.set(type, fields)
  return fields
}

/** Different people with different values, because a rule may answer before it has looked at every field. */
function* questionsFor(t: AnyView): Generator<RuleContext<AnyView>> {
  for (const answer of [true, false]) {
    const me: Me = { id: 'nobody', name: '', roles: [], claims: {}, is: () => answer }
    for (const value of [null, '', 'x', 0, 1, true]) yield { me, t, path: '', value }
  }
}

const gatingByType = new WeakMap<RecordType, ReadonlySet<string>>()

/** Of something derived, what that is derived from. */
const noteRead = (type: RecordType, key: string, read: Set<string>): void => {
  const isDerived = Object.hasOwn(type.derive, key)
  if (!(isDerived || Object.hasOwn(type.fields, key)) || read.has(key)) return
  read.add(key)
  if (!isDerived) return
  const view = new Proxy({} as Record<string, unknown>, {
    get(_, field) {
      if (typeof field === 'string') noteRead(type, field, read)
      return undefined
    },
  }) as AnyView
  try {
    type.derive[key]?.(view, 0)
  } catch {
    // As above.
  }
}
