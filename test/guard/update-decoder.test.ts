import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { applyUpdate, decodeUpdate, TooMany } from '../../server/room/update-decoder.ts'
import { randomFrom } from './damaged-updates.ts'

const NO_BOUND = Number.MAX_SAFE_INTEGER

const unbounded = (update: Uint8Array): ReturnType<typeof decodeUpdate> =>
  decodeUpdate(update, NO_BOUND, NO_BOUND)

const strings = [
  '',
  'a',
  'status',
  'f12',
  'anonymous',
  'Žarko',
  '🛠',
  '\u0000',
  '\u007f',
  '\ufeffx',
  'x'.repeat(32),
]
const numbers = [
  0,
  -1,
  127,
  128,
  2 ** 31,
  -(2 ** 40),
  1.5,
  0.1,
  1_700_000_000_000 * 1024 + 7,
  Number.MAX_SAFE_INTEGER,
]

/** What Yjs writes of whatever a value can be. */
const drawnUpdates = (seed: number): Uint8Array[] => {
  const random = randomFrom(seed)
  const of = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const text = (): string => (random() < 0.3 ? of(strings) : `${of(strings)}${Math.floor(random() * 5000)}`)
  const value = (depth: number): unknown => {
    const kind = Math.floor(random() * (depth > 2 ? 5 : 8))
    if (kind < 2) return text()
    if (kind === 2) return of(numbers)
    if (kind === 3) return of([null, true, false, undefined])
    if (kind === 4) return 'y'.repeat(Math.floor(random() * 300))
    if (kind === 5) return Array.from({ length: Math.floor(random() * 6) }, () => value(depth + 1))
    if (kind === 6) return [text(), value(depth + 1), of(numbers), text()]
    return Object.fromEntries(
      Array.from({ length: Math.floor(random() * 4) }, () => [text(), value(depth + 1)]),
    )
  }
  const doc = new Y.Doc()
  doc.clientID = seed + 1
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => void updates.push(update))
  const cells = doc.getArray('cells')
  const body = doc.getText('body')
  for (let i = 0; i < 30; i++) {
    doc.transact(() => {
      if (cells.length > 3 && random() < 0.5) cells.delete(Math.floor(random() * cells.length))
      cells.push([[value(0)], { value: value(0) }])
      if (random() < 0.3)
        body.insert(Math.floor(random() * (body.length + 1)), `${text()}.`, { bold: of([true, null]) })
      if (body.length > 4 && random() < 0.2) body.delete(1, 2)
    })
  }
  return updates
}

const stateOf = (
  updates: readonly Uint8Array[],
  apply: (doc: Y.Doc, update: Uint8Array) => void,
): Uint8Array => {
  const doc = new Y.Doc()
  for (const update of updates) apply(doc, update)
  return Y.encodeStateAsUpdate(doc)
}

const outcome = (read: () => unknown): unknown => {
  try {
    return read()
  } catch {
    return 'cannot be read'
  }
}

/** What an update says, without what Yjs's objects know beside it. */
const said = ({ structs, ds }: ReturnType<typeof Y.decodeUpdate>): unknown => ({
  structs: structs.map(struct => ({
    id: struct.id,
    length: struct.length,
    kind: struct.constructor.name,
    ...(struct instanceof Y.Item
      ? {
          content: struct.content.constructor.name,
          values: struct.content.getContent(),
          names: [struct.origin, struct.rightOrigin, struct.parent, struct.parentSub],
        }
      : {}),
  })),
  deletes: [...ds.clients],
})

/** An update of one cell, a text of these bytes. */
const cellOf = (text: Uint8Array): Uint8Array =>
  Uint8Array.of(1, 1, 7, 0, 8, 1, 1, 'c'.charCodeAt(0), 1, 119, text.length, ...text, 0)

const textIn = ({ structs: [struct] }: ReturnType<typeof Y.decodeUpdate>): unknown =>
  struct instanceof Y.Item ? struct.content.getContent()[0] : struct

describe('the reader of updates', () => {
  it('reads what Yjs reads, whatever the values are', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const updates = drawnUpdates(seed)
      for (const update of updates) expect(said(unbounded(update))).toEqual(said(Y.decodeUpdate(update)))
      expect(stateOf(updates, applyUpdate)).toEqual(stateOf(updates, Y.applyUpdate))
    }
  })

  it('finds no other in what is cut short, or has a byte turned', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const update = Y.mergeUpdates(drawnUpdates(seed).slice(0, 6))
      for (let at = 0; at < update.length; at++) {
        const turned = Uint8Array.from(update)
        turned[at] = (turned[at] ?? 0) ^ (1 << (at % 8))
        for (const bytes of [update.slice(0, at), turned]) {
          // A count that such a byte stands in may have Yjs go round for minutes; the guard's own bound ends that.
          const [own, theirs] = [decodeUpdate, () => Y.decodeUpdate(bytes)].map(read =>
            outcome(() => said(read(bytes, 100_000, 100_000))),
          )
          expect(own).toEqual(theirs)
        }
      }
    }
  })

  it('tells one text from another though thousands have been said', () => {
    const texts = Array.from({ length: 30_000 }, (_, i) => `${(i * 7919) % 30_011}-${i % 13}`)
    const doc = new Y.Doc()
    doc.getArray('cells').push(texts)
    const update = Y.encodeStateAsUpdate(doc)
    for (let again = 0; again < 2; again++) {
      const copy = new Y.Doc()
      applyUpdate(copy, update)
      expect(copy.getArray('cells').toArray()).toEqual(texts)
    }
  })

  it('finds no text in bytes that are none, whatever has been said', () => {
    const found: number[][] = []
    for (let first = 0x80; first <= 0xff; first++) {
      for (let second = 0x80; second <= 0xff; second++) {
        // In Latin-1 these bytes are the letters that were just said; in UTF-8 they are none, or others.
        unbounded(cellOf(new TextEncoder().encode(String.fromCharCode(first, second))))
        const bytes = cellOf(Uint8Array.of(first, second))
        const [own, theirs] = [unbounded, Y.decodeUpdate].map(read => outcome(() => textIn(read(bytes))))
        if (own !== theirs) found.push([first, second])
      }
    }
    expect(found).toEqual([])
  })

  it('takes nothing of an update that ends within a value', () => {
    for (const value of ['', 'a', 'status', 1.5, 'x'.repeat(40)]) {
      const doc = new Y.Doc()
      doc.getArray('cells').push(['', 'a', value])
      const update = Y.encodeStateAsUpdate(doc)
      for (let end = 0; end < update.length; end++) {
        const [own, theirs] = [applyUpdate, Y.applyUpdate].map(apply => {
          const copy = new Y.Doc()
          const isTaken = outcome(() => apply(copy, update.slice(0, end)))
          return [isTaken, Y.encodeStateAsUpdate(copy)]
        })
        expect(own).toEqual(theirs)
      }
    }
  })

  it('has a bound for what it is asked to judge, and none for what was let in, whatever was refused before', () => {
    const doc = new Y.Doc()
    doc.getArray('cells').push(Array.from({ length: 1000 }, (_, i) => i))
    const update = Y.encodeStateAsUpdate(doc)
    expect(() => decodeUpdate(update, 10, 500)).toThrow(TooMany)
    const copy = new Y.Doc()
    applyUpdate(copy, update)
    expect(copy.getArray('cells').length).toBe(1000)
  })
})
