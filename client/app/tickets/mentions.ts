// Who is called in a comment: the names that stand in it behind an @.

interface Named {
  readonly id: string
  readonly name: string
}
type People = ReadonlyMap<string, Named>

/** A text and the calls in it, in turn; of two names that fit, the longer one is called. */
export const withCalls = (text: string, people: People): readonly string[] =>
  text.split(namesOf(people).pattern)

export const isCall = (part: string, people: People): boolean =>
  part.startsWith('@') && namesOf(people).idsByName.has(part.slice(1))

/** Who was chosen, as it is kept with a draft: who is called must not hang on who works here being known again. */
export const withChosen = (kept: string, { id, name }: Named): string => `${kept}${id}\t${name}\n`

export const chosenIn = (kept: string): People =>
  new Map(
    kept
      .split('\n')
      .slice(0, -1)
      .map(line => {
        const [id = '', name = ''] = line.split('\t')
        return [id, { id, name }]
      }),
  )

/** Of several who are called the same, those who were chosen; where nobody was, all of them. */
export const mentionsIn = (text: string, people: People, chosen: ReadonlySet<string>): string[] => {
  const called = new Set(withCalls(text, people).filter(part => isCall(part, people)))
  return [...called].flatMap(call => {
    const ids = namesOf(people).idsByName.get(call.slice(1)) ?? []
    const meant = ids.filter(id => chosen.has(id))
    return meant.length > 0 ? meant : ids
  })
}

interface Names {
  readonly pattern: RegExp
  readonly idsByName: ReadonlyMap<string, readonly string[]>
}

/** Of thousands it takes a while, and each comment asks. */
const known = new WeakMap<People, Names>()

const namesOf = (people: People): Names => {
  const before = known.get(people)
  if (before !== undefined) return before
  const idsByName = new Map<string, string[]>()
  for (const { id, name } of people.values())
    if (name !== '') idsByName.set(name, [...(idsByName.get(name) ?? []), id])
  const longestFirst = [...idsByName.keys()].sort((a, b) => b.length - a.length).map(escaped)
  // Of nobody there is no name; and one that only begins as another does is not called.
  const pattern =
    longestFirst.length === 0
      ? /(?!)/u
      : new RegExp(`(@(?:${longestFirst.join('|')})(?![\\p{L}\\p{M}\\p{N}]))`, 'gu')
  const names = { pattern, idsByName }
  known.set(people, names)
  return names
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
