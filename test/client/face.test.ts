import { expect, it } from 'vitest'
import { colorOf, colorsOf } from '../../client/app/state/face.tsx'

const people = ['marko', 'jelena', 'dragan', 'tomas', 'mira', 'dana', 'lea', 'claire', 'ana', 'ivan']

it('gives people who stand beside each other colours of their own, and to whom it can, the one of everywhere', () => {
  const colors = colorsOf(people)
  expect(new Set(colors.values()).size).toBe(people.length)
  expect(colorsOf([...people].reverse())).toEqual(colors)
  expect(colorOf('tomas')).toBe(colorOf('mira'))
  expect(colors.get('mira')).toBe(colorOf('mira'))
  const crowd = Array.from({ length: 25 }, (_, i) => `worker ${i}`)
  expect([...colorsOf(crowd).values()].every(color => color.startsWith('#'))).toBe(true)
})
