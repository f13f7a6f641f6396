// What a type derives from the fields of a record: computed when it is asked for, and kept as it was where it says
// the same as before.

import type { AnyView, RecordMeta, RecordType } from './record-type.ts'
import { deepFreeze, sameValue } from './value.ts'

/** Derived fields whose function asks for the time of day have to be computed anew whenever they are read. */
export const isTimed = (type: RecordType): boolean =>
  Object.values(type.derive).some(derive => derive.length > 1)

/**
 * The view as it is at this time of day, where that of the last write says something of another. Only what asks for
 * the time is computed anew: while all of that says the same, what is derived from it does too.
 */
export const viewAt = (type: RecordType, view: AnyView, now: number): AnyView => {
  const isStill = Object.entries(type.derive).every(
    ([name, derive]) => derive.length < 2 || sameValue(view[name], derived(derive, view, now)),
  )
  return isStill ? view : withDerived(type, { ...view }, view, now)
}

/** `view`: with all fields of the type in it; it becomes what is shown. */
export const withDerived = (
  type: RecordType,
  view: Record<string, unknown>,
  before: AnyView | undefined,
  now: number,
): AnyView => {
  const { names, Facts } = derivationOf(type)
  const shown = derivedOnDemand(type, () => facts as unknown as AnyView, now)
  const read = (name: string): unknown => {
    const old = before?.[name]
    const value = shown(name)
    return sameValue(old, value) ? old : value
  }
  const facts = new Facts(view, read)
  for (const name of names) view[name] = read(name)
  // Every field of the type has been put in above, by the type's own table.
  return Object.freeze(view) as unknown as AnyView
}

/** Derived fields by name, each computed when it is first asked for. */
export const derivedOnDemand = (
  { derive }: RecordType,
  view: () => AnyView,
  now: number,
): ((name: string) => unknown) => {
  // Most who look ask for nothing that is derived.
  let known: Map<string, unknown> | null = null
  return name => {
    const derivation = derive[name]
    if (derivation === undefined || known?.has(name) === true) return known?.get(name)
    known ??= new Map()
    // One that asks for itself is told what a first look is told: nothing yet.
    known.set(name, undefined)
    const value = deepFreeze(derived(derivation, view(), now))
    known.set(name, value)
    return value
  }
}

const derived = (derive: RecordType['derive'][string], view: AnyView, now: number): unknown => {
  try {
    return derive(view, now) ?? null
  } catch {
    // A merge may bring together what its author never saw; one derived field must not take the record down.
    return null
  }
}

type Read = (name: string) => unknown

/** What a record derives from: its fields, and behind them what else it derives, wherever that is declared. */
class FactsOfRecord {
  readonly #read: Read

  constructor(fields: readonly string[], view: Record<string, unknown>, read: Read) {
    this.#read = read
    for (const name of fields) (this as Record<string, unknown>)[name] = view[name]
  }

  static read(facts: FactsOfRecord, name: string): unknown {
    return facts.#read(name)
  }
}

interface Derivation {
  readonly names: readonly string[]
  readonly Facts: new (view: Record<string, unknown>, read: Read) => FactsOfRecord
}

const META: readonly (keyof RecordMeta)[] = ['id', 'created', 'createdBy', 'removed']
const derivations = new WeakMap<RecordType, Derivation>()

/** Made once a type: an accessor that each record had of its own would make its objects slow. */
const derivationOf = (type: RecordType): Derivation => {
  const known = derivations.get(type)
  if (known !== undefined) return known
  const fields = [...META, ...Object.keys(type.fields)]
  const names = Object.keys(type.derive)
  class Facts extends FactsOfRecord {
    constructor(view: Record<string, unknown>, read: Read) {
      super(fields, view, read)
    }
  }
  for (const name of names)
    Object.defineProperty(Facts.prototype, name, {
      get(this: FactsOfRecord) {
        return FactsOfRecord.read(this, name)
      },
    })
  const derivation = { names, Facts }
  derivations.set(type, derivation)
  return derivation
}
