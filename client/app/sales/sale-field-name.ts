import { fieldNameIn } from '../words/field-name-in.ts'
import { useSalesWords } from './sales-words.ts'

export const useSaleFieldName = (): ((path: string) => string) => {
  const words = useSalesWords()
  return path => fieldNameIn(words, path, { orderId: words.order, orderNumber: words.order })
}
