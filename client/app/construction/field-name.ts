import type { useConstructionWords } from './construction-words.ts'

type ConstructionWords = ReturnType<typeof useConstructionWords>

/** A field of a record is called what its word is called: the texts are named after the fields. */
export const fieldNameOf = (words: ConstructionWords, path: string): string => {
  const [name = '', , part] = path.split('/')
  const wordOf = (key: string): string => {
    const word = key === 'lines' ? words.line : wordNamed(words, key)
    return word ?? key
  }
  return part === undefined ? wordOf(name) : `${wordOf(name)}: ${wordOf(part)}`
}

const wordNamed = (words: ConstructionWords, key: string): string | null => {
  const word: unknown = Object.hasOwn(words, key) ? words[key as keyof ConstructionWords] : null
  return typeof word === 'string' ? word : null
}

/** What one chooses from (a state, a kind) is stored by its key. */
export const showChoice =
  (words: ConstructionWords, ...paths: readonly string[]) =>
  (path: string, value: unknown): string | undefined =>
    paths.includes(path) && typeof value === 'string' ? (wordNamed(words, value) ?? undefined) : undefined
