import { notifications } from '@mantine/notifications'
import { refusalIn } from '../../../shared/index.ts'
import { languageNow } from '../words/language.ts'

/** What is not allowed is said, and nothing else happens. */
export const tryTo = (work: () => unknown): boolean => {
  try {
    work()
    return true
  } catch (error) {
    sayTrouble(error)
    return false
  }
}

export const sayTrouble = (error: unknown): void => {
  notifications.show({ color: 'red', message: sentenceOf(error) })
}

const sentenceOf = (error: unknown): string => {
  if (typeof error === 'object' && error !== null && 'problems' in error && Array.isArray(error.problems)) {
    const [first]: unknown[] = error.problems
    if (typeof first === 'object' && first !== null && 'sentence' in first) {
      const code = 'code' in first ? { code: String(first.code) } : {}
      return refusalIn(OF_NO_TYPE, languageNow(), { ...code, sentence: String(first.sentence) })
    }
  }
  return error instanceof Error ? error.message : String(error)
}

const OF_NO_TYPE = { words: {} }
