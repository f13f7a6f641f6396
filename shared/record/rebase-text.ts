// Three-way merge of a text, for putting unsent edits on a doc that has forgotten the ids they were made under:
// what I changed since `base` is put onto `theirs`. A change that both sides made is taken once.

import { diffSplitBy } from 'lib0/diff/patience'
import type { TextDelta } from './journal.ts'
import { sameValue } from './value.ts'

interface Char {
  readonly insert: string | object
  /** What stands for it in a diff: itself, or for an embed a letter of its own. */
  readonly letter: string
  readonly attributes: { readonly [key: string]: unknown }
}

export type DeltaOp =
  | { readonly retain: number; readonly attributes?: { readonly [key: string]: unknown } }
  | { readonly insert: string | object; readonly attributes?: { readonly [key: string]: unknown } }
  | { readonly delete: number }

/** UTF-16 units of a text, from and up to. */
export type Units = readonly (readonly [from: number, to: number])[]

/**
 * The delta that brings `theirs` to where it holds my changes too. What of `mine` is known to be `typed` since
 * `base` is mine, even if it says again what stood there: a diff alone would take it for what somebody deleted.
 */
export const rebaseText = (
  base: TextDelta,
  mine: TextDelta,
  theirs: TextDelta,
  typed: Units = [],
): DeltaOp[] => {
  const embeds: object[] = []
  const baseChars = toChars(base, embeds)
  const mineChars = toChars(mine, embeds)
  const theirChars = toChars(theirs, embeds)
  const my = alignTyped(baseChars, mineChars, typed)
  const their = align(baseChars, theirChars)
  const ops: DeltaOp[] = []
  for (let at = 0; at <= baseChars.length; at++) {
    const theirInsert = their.inserts.get(at) ?? []
    const myInsert = my.inserts.get(at) ?? []
    ops.push(...theirInsert.map((char): DeltaOp => ({ retain: widthOf(char) })))
    if (plain(myInsert) !== plain(theirInsert)) {
      for (const { insert, attributes } of myInsert) ops.push({ insert, attributes })
    }
    const theirIndex = their.kept.get(at)
    if (at === baseChars.length || theirIndex === undefined) continue
    const myIndex = my.kept.get(at)
    const before = baseChars[at]
    const after = myIndex === undefined ? undefined : mineChars[myIndex]
    if (before === undefined) continue
    const width = widthOf(before)
    if (after === undefined) ops.push({ delete: width })
    else {
      const attributes = changedAttributes(before.attributes, after.attributes)
      ops.push(attributes === null ? { retain: width } : { retain: width, attributes })
    }
  }
  return compact(ops)
}

/**
 * How a text reads without what of it is mine alone: `unheld` are the UTF-16 units of `mine` that I wrote and the
 * server does not hold. `noted` is how it read before I began, and knows what I have deleted `since`; the units
 * written since cannot be what stood there then, however alike they are.
 */
export const textBase = (
  mine: TextDelta,
  unheld: ReadonlySet<number>,
  noted: TextDelta | null,
  since: ReadonlySet<number>,
): TextDelta => {
  const embeds: object[] = []
  const mineChars = toChars(mine, embeds)
  const starts = unitStarts(mineChars)
  const isUnheld = (at: number): boolean => unheld.has(starts[at] ?? 0)
  const base: Char[] = []
  let next = 0
  const takeUpTo = (end: number): void => {
    for (; next < end; next++) {
      const char = mineChars[next]
      if (char !== undefined && !isUnheld(next)) base.push(char)
    }
  }
  if (noted !== null) {
    const old = [...mineChars.keys()].filter(at => !since.has(starts[at] ?? 0))
    const oldChars = old.map(at => mineChars[at]).filter(char => char !== undefined)
    const notedChars = toChars(noted, embeds)
    const { kept } = align(notedChars, oldChars)
    for (const [i, char] of notedChars.entries()) {
      const at = old[kept.get(i) ?? -1]
      if (at === undefined) base.push(char)
      else {
        takeUpTo(at)
        // As it was formatted then, or a change of format would not be one.
        if (!isUnheld(at)) base.push(char)
        next = at + 1
      }
    }
  }
  takeUpTo(mineChars.length)
  return base.map(({ insert, attributes }) => ({ insert, attributes }))
}

/** Embeds are letters of the private use area in a diff, equal ones the same. */
const EMBED_FIRST = 0xe000
/** Words and single marks, each kept whole: two people who both changed one word have both words. */
const TOKENS = /\r?\n|[\p{L}\p{N}]+|[\s\S]/gu

const toChars = (delta: TextDelta, embeds: object[]): Char[] => {
  const chars: Char[] = []
  for (const { insert, attributes = {} } of delta) {
    if (typeof insert !== 'string') chars.push({ insert, letter: letterOf(insert, embeds), attributes })
    // By code point, so that no edit ever cuts a surrogate pair in two.
    else for (const char of insert) chars.push({ insert: char, letter: char, attributes })
  }
  return chars
}

const letterOf = (embed: object, embeds: object[]): string => {
  const known = embeds.findIndex(other => sameValue(other, embed))
  return String.fromCharCode(EMBED_FIRST + (known >= 0 ? known : embeds.push(embed) - 1))
}

/** What a delta counts: UTF-16 units, an embed as one. */
const widthOf = ({ insert }: Char): number => (typeof insert === 'string' ? insert.length : 1)

const plain = (chars: readonly Char[]): string => chars.map(({ letter }) => letter).join('')

/** For each base position: where it is kept on the other side, and what that side inserted before it. */
interface Alignment {
  readonly kept: Map<number, number>
  readonly inserts: Map<number, Char[]>
}

const align = (base: readonly Char[], other: readonly Char[]): Alignment => {
  const changes = diffSplitBy(plain(base), plain(other), TOKENS)
  const toIndex = codePointIndex(base)
  const kept = new Map<number, number>()
  const inserts = new Map<number, Char[]>()
  let b = 0
  let o = 0
  for (const { index, remove, insert } of changes) {
    const start = toIndex(index)
    while (b < start) kept.set(b++, o++)
    const inserted = [...insert].length
    if (inserted > 0) inserts.set(b, [...(inserts.get(b) ?? []), ...other.slice(o, o + inserted)])
    o += inserted
    b += [...remove].length
  }
  while (b < base.length) kept.set(b++, o++)
  return { kept, inserts }
}

const unitStarts = (chars: readonly Char[]): number[] => {
  const starts: number[] = []
  let unit = 0
  for (const char of chars) {
    starts.push(unit)
    unit += widthOf(char)
  }
  starts.push(unit)
  return starts
}

/** As `align`, but words that were typed anew stand for nothing of the base, however alike. */
const alignTyped = (base: readonly Char[], other: readonly Char[], typed: Units): Alignment => {
  const { kept, inserts } = align(base, other)
  if (typed.length === 0) return { kept, inserts }
  const isNew = newWords(other, typed)
  for (const [at, to] of [...kept]) {
    const char = other[to]
    if (char === undefined || !isNew.has(to)) continue
    kept.delete(at)
    inserts.set(at, [...(inserts.get(at) ?? []), char])
  }
  return { kept, inserts }
}

/** The characters of words and marks of which every unit was typed. */
const newWords = (chars: readonly Char[], typed: Units): Set<number> => {
  const starts = unitStarts(chars)
  const isTyped = (at: number): boolean => {
    const unit = starts[at] ?? 0
    return typed.some(([from, to]) => unit >= from && unit < to)
  }
  const isNew = new Set<number>()
  let at = 0
  for (const [word] of plain(chars).matchAll(TOKENS)) {
    const end = at + [...word].length
    const places = Array.from({ length: end - at }, (_, i) => at + i)
    if (places.every(isTyped)) for (const i of places) isNew.add(i)
    at = end
  }
  return isNew
}

/** The diff counts UTF-16 units; characters here are code points. */
const codePointIndex = (chars: readonly Char[]): ((unit: number) => number) => {
  const starts = unitStarts(chars)
  return wanted => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

const changedAttributes = (
  before: Char['attributes'],
  after: Char['attributes'],
): Char['attributes'] | null => {
  const changed: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!sameValue(before[key], after[key])) changed[key] = after[key] ?? null
  }
  return Object.keys(changed).length === 0 ? null : changed
}

const compact = (ops: readonly DeltaOp[]): DeltaOp[] => {
  const out: DeltaOp[] = []
  for (const op of ops) {
    const last = out.at(-1)
    if (last !== undefined && 'delete' in op && 'delete' in last)
      out[out.length - 1] = { delete: last.delete + op.delete }
    else if (
      last !== undefined &&
      'retain' in op &&
      'retain' in last &&
      sameValue(op.attributes, last.attributes)
    ) {
      out[out.length - 1] = { ...last, retain: last.retain + op.retain }
    } else if (
      last !== undefined &&
      'insert' in op &&
      'insert' in last &&
      typeof op.insert === 'string' &&
      typeof last.insert === 'string' &&
      sameValue(op.attributes, last.attributes)
    ) {
      out[out.length - 1] = { ...last, insert: last.insert + op.insert }
    } else out.push(op)
  }
  const end = out.at(-1)
  if (end !== undefined && 'retain' in end && end.attributes === undefined) out.pop()
  return out
}
