import { expect, it } from 'vitest'
import { chosenIn, isCall, mentionsIn, withCalls, withChosen } from '../../client/app/tickets/mentions.ts'

const people = new Map(
  (
    [
      ['ana', 'Ana'],
      ['anna', 'Ana Anić'],
      ['ana2', 'Ana Anić'],
      ['jp', 'Jean-Paul (Lyon)'],
    ] as const
  ).map(([id, name]) => [id, { id, name }]),
)
const nobody: ReadonlySet<string> = new Set()

it('calls whom the longest name that fits belongs to, and nobody whose name only begins so', () => {
  expect(mentionsIn('@Ana see this', people, nobody)).toEqual(['ana'])
  expect(mentionsIn('@Ana Anić', people, new Set(['anna']))).toEqual(['anna'])
  expect(mentionsIn('@Anastazija, @ and ana@Anić', people, nobody)).toEqual([])
  expect(mentionsIn('@Jean-Paul (Lyon)! @Jean-Paul (Lyon)', people, nobody)).toEqual(['jp'])
})

it('calls of namesakes those who were chosen, and all where nobody was', () => {
  expect(mentionsIn('@Ana Anić and @Ana', people, nobody)).toEqual(['anna', 'ana2', 'ana'])
  expect(mentionsIn('@Ana Anić and @Ana', people, new Set(['ana2', 'jp']))).toEqual(['ana2', 'ana'])
})

it('calls who was chosen though nobody else is known yet', () => {
  const chosen = chosenIn(
    withChosen(withChosen('', { id: 'ana2', name: 'Ana Anić' }), { id: 'ana', name: 'Ana' }),
  )
  expect(mentionsIn('@Ana Anić and @Jean-Paul (Lyon)', chosen, new Set(chosen.keys()))).toEqual(['ana2'])
})

it('parts a text at its calls, and a text where nobody is known not at all', () => {
  const parts = withCalls('so @Ana Anić, go', people)
  expect(parts).toEqual(['so ', '@Ana Anić', ', go'])
  expect(parts.filter(part => isCall(part, people))).toEqual(['@Ana Anić'])
  expect(withCalls('@Ana', new Map())).toEqual(['@Ana'])
})
