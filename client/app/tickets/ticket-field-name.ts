import { fieldNameIn } from '../words/field-name-in.ts'
import { useTicketWords } from './ticket-words.ts'

/** An entry is named by its list. */
export const useTicketFieldName = (): ((path: string) => string) => {
  const words = useTicketWords()
  return path => fieldNameIn(words, path.split('/')[0] ?? path)
}
