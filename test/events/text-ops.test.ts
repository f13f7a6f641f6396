import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { composeText, deltasByAuthor } from '../../server/event/text-ops.ts'
import type { TextOp } from '../../server/room/turn.ts'

/** A small generator of its own, so that a seed that failed can be tried again. */
const randomFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const PEOPLE = ['ana', 'ben', 'eva']

const randomOps = (random: (below: number) => number, length: number): TextOp[] => {
  const by = PEOPLE[random(PEOPLE.length)] ?? ''
  const at = random(length + 1)
  const left = length - at
  const kind = random(left > 0 ? 4 : 1)
  const some = 1 + random(Math.max(1, Math.min(left, 5)))
  const skip: TextOp[] = at === 0 ? [] : [{ retain: at }]
  if (kind === 0) return [...skip, { insert: 'xyzuvw'.slice(0, 1 + random(5)), by }]
  if (kind === 1) return [...skip, { delete: Math.min(some, left), by }]
  if (kind === 2) return [...skip, { insert: '-', by }, { delete: Math.min(some, left), by }]
  const bold = random(2) === 0 ? true : null
  return [...skip, { retain: Math.min(some, left), attributes: { bold }, by }]
}

const charsOf = (text: Y.Text): unknown[] =>
  (text.toDelta() as { insert: string; attributes?: object }[]).flatMap(({ insert, attributes = {} }) =>
    [...insert].map(char => ({ char, attributes })),
  )

it('what many typed, told person by person, gives the text as it is, with its formats', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomFrom(seed)
    const begin = 'one two three'.slice(0, random(14))
    const doc = new Y.Doc()
    const live = doc.getText('live')
    const told = doc.getText('told')
    live.insert(0, begin)
    told.insert(0, begin)
    let composed: TextOp[] = []
    for (let i = 0; i < 2 + random(12); i++) {
      const ops = randomOps(random, live.length)
      live.applyDelta(ops)
      composed = composeText(composed, ops)
    }
    const deltas = deltasByAuthor(composed)
    expect(new Set(deltas.map(({ by }) => by)).size, `seed ${seed}`).toBe(deltas.length)
    for (const { delta } of deltas) told.applyDelta(delta)
    expect(charsOf(told), `seed ${seed}`).toEqual(charsOf(live))
  }
})
