import { notifications } from '@mantine/notifications'
import { refusalIn } from '../../../shared/index.ts'
import { type Language, languageNow } from '../words/language.ts'

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

/** What was typed and stands nowhere, so that it can be put elsewhere, or typed again. */
export const sayUnwritten = (text: string, why: string): void => {
  notifications.show({ color: 'yellow', message: `«${text}»: ${why}`, autoClose: 15_000 })
}

const sentenceOf = (error: unknown): string => {
  if (typeof error === 'object' && error !== null && 'problems' in error && Array.isArray(error.problems)) {
    const [first]: unknown[] = error.problems
    if (typeof first === 'object' && first !== null && 'sentence' in first) {
      const code = 'code' in first ? { code: String(first.code) } : {}
      return refusalIn(OF_NO_TYPE, languageNow(), { ...code, sentence: String(first.sentence) })
    }
  }
  const detail = error instanceof Error ? error.message : String(error)
  return UNFORESEEN[languageNow()](detail)
}

/** What nobody foresaw has no sentence of its own in any language; what it says of itself helps whoever is asked. */
const UNFORESEEN: Readonly<Record<Language, (detail: string) => string>> = {
  en: detail => `That did not work. Try again, or say what it was: ${detail}`,
  sr: detail => `Nije uspelo. Pokušajte ponovo, ili prijavite ovo: ${detail}`,
  fr: detail => `Cela n’a pas fonctionné. Réessayez, ou signalez ceci\u00a0: ${detail}`,
}

const OF_NO_TYPE = { words: {} }
