import { useAppWords } from './app-words.ts'

/** A name and what it is of, with the colon of the language: «Remove: 4711», in French «Retirer : 4711». */
export const labelled = (name: string, value: string): string =>
  `${useAppWords.now().beforeValue(name)} ${value}`
