import type { useConstructionWords } from './construction-words.ts'

type ConstructionWords = ReturnType<typeof useConstructionWords>

const wordNamed = (words: ConstructionWords, key: string): string | null => {
  const word: unknown = Object.hasOwn(words, key) ? words[key as keyof ConstructionWords] : null
  return typeof word === 'string' ? word : null
}

/** What one chooses from (a state, a kind) is stored by its key. */
export const showChoice =
  (words: ConstructionWords, ...paths: readonly string[]) =>
  (path: string, value: unknown): string | undefined =>
    paths.includes(path) && typeof value === 'string' ? (wordNamed(words, value) ?? undefined) : undefined
