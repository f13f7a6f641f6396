// Deltas of a text with several writers. What many turns did is composed into one delta from the text as it was
// before the first of them, each part with whose it is; and then told apart again, one person after the other, so
// that applying each person's delta in that order gives the text as it is now.

import type { TextAttributes, TextOp } from '../room/turn.ts'
import type { DeltaOp } from './event.ts'

const lengthOf = (op: TextOp): number =>
  'insert' in op
    ? typeof op.insert === 'string'
      ? op.insert.length
      : 1
    : 'delete' in op
      ? op.delete
      : op.retain

const part = (op: TextOp, from: number, length: number): TextOp => {
  if ('delete' in op) return { ...op, delete: length }
  if ('retain' in op) return { ...op, retain: length }
  return typeof op.insert === 'string' ? { ...op, insert: op.insert.slice(from, from + length) } : op
}

/** Reads ops in parts; behind the last one the text goes on unchanged. */
class Ops {
  readonly #ops: readonly TextOp[]
  #at = 0
  #from = 0

  constructor(ops: readonly TextOp[]) {
    this.#ops = ops
  }

  get next(): TextOp | null {
    return this.#ops[this.#at] ?? null
  }

  get left(): number {
    const op = this.next
    return op === null ? Number.POSITIVE_INFINITY : lengthOf(op) - this.#from
  }

  take(length: number): TextOp {
    const op = this.next
    if (op === null) return { retain: length }
    const taken = part(op, this.#from, Math.min(length, this.left))
    this.#from += lengthOf(taken)
    if (this.#from >= lengthOf(op)) {
      this.#at++
      this.#from = 0
    }
    return taken
  }
}

export const composeText = (first: readonly TextOp[], second: readonly TextOp[]): TextOp[] => {
  const a = new Ops(first)
  const b = new Ops(second)
  const composed: TextOp[] = []
  while (a.next !== null || b.next !== null) {
    if (b.next !== null && 'insert' in b.next) composed.push(b.take(b.left))
    else if (a.next !== null && 'delete' in a.next) composed.push(a.take(a.left))
    else {
      const length = Math.min(a.left, b.left)
      const op = composeOps(a.take(length), b.take(length))
      if (op !== null) composed.push(op)
    }
  }
  return compact(composed)
}

/** Whether the second takes away what somebody else has written in the first: composed, neither would be told. */
export const takesAway = (first: readonly TextOp[], second: readonly TextOp[]): boolean => {
  const a = new Ops(first)
  const b = new Ops(second)
  while (a.next !== null && b.next !== null) {
    if ('insert' in b.next) b.take(b.left)
    else if ('delete' in a.next) a.take(a.left)
    else {
      const length = Math.min(a.left, b.left)
      const [under, over] = [a.take(length), b.take(length)]
      if ('insert' in under && 'delete' in over && under.by !== over.by) return true
    }
  }
  return false
}

/** The first retains or inserts, the second retains or deletes. */
const composeOps = (first: TextOp, second: TextOp): TextOp | null => {
  if ('delete' in second) return 'insert' in first ? null : second
  if (!('retain' in second) || second.attributes === undefined) return first
  if ('insert' in first) {
    const attributes = Object.fromEntries(
      Object.entries({ ...first.attributes, ...second.attributes }).filter(([, value]) => value !== null),
    )
    const { attributes: _, ...bare } = first
    return Object.keys(attributes).length === 0 ? bare : { ...bare, attributes }
  }
  return { ...second, attributes: { ...('retain' in first ? first.attributes : {}), ...second.attributes } }
}

const compact = (ops: readonly TextOp[]): TextOp[] => {
  const compacted: TextOp[] = []
  for (const op of ops) {
    const last = compacted.at(-1)
    const joined = last === undefined ? null : join(last, op)
    if (joined !== null) compacted[compacted.length - 1] = joined
    else compacted.push(op)
  }
  const last = compacted.at(-1)
  if (last !== undefined && 'retain' in last && last.attributes === undefined) compacted.pop()
  return compacted
}

const join = (a: TextOp, b: TextOp): TextOp | null => {
  if ('delete' in a && 'delete' in b && a.by === b.by) return { ...a, delete: a.delete + b.delete }
  if ('delete' in a || 'delete' in b || !isSame(a.attributes, b.attributes)) return null
  if ('retain' in a && 'retain' in b && (a.attributes === undefined || a.by === b.by))
    return { ...a, retain: a.retain + b.retain }
  if ('insert' in a && 'insert' in b && a.by === b.by) {
    return typeof a.insert === 'string' && typeof b.insert === 'string'
      ? { ...a, insert: a.insert + b.insert }
      : null
  }
  return null
}

const isSame = (a: TextAttributes | undefined, b: TextAttributes | undefined): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b)

export const authorsOf = (ops: readonly TextOp[]): string[] => [
  ...new Set(ops.flatMap(op => (op.by === undefined ? [] : [op.by]))),
]

/** Each person's delta, on the text as those before have left it. */
export const deltasByAuthor = (
  ops: readonly TextOp[],
  authors: readonly string[] = authorsOf(ops),
): { by: string; delta: DeltaOp[] }[] =>
  authors.flatMap((by, place) =>
    ops.some(op => op.by === by)
      ? [{ by, delta: compact(ops.flatMap(op => opFor(op, place, authors))).map(withoutAuthor) }]
      : [],
  )

const opFor = (op: TextOp, place: number, authors: readonly string[]): TextOp[] => {
  const length = lengthOf(op)
  const whose = op.by === undefined ? -1 : authors.indexOf(op.by)
  if (whose === place) return [op]
  if ('retain' in op) return [{ retain: length }]
  const isThere = 'insert' in op ? whose < place : whose > place
  return isThere ? [{ retain: length }] : []
}

const withoutAuthor = (op: TextOp): DeltaOp => {
  const { by: _, ...rest } = op
  return rest
}
