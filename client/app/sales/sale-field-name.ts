import { useSalesWords } from './sales-words.ts'

export const useSaleFieldName = (): ((path: string) => string) => {
  const words = useSalesWords()
  return path => {
    const [name = '', , part] = path.split('/')
    const key = part ?? name
    switch (key) {
      case 'number':
      case 'customer':
      case 'note':
      case 'lines':
      case 'name':
      case 'quantity':
      case 'price':
        return words[key]
      case 'orderId':
      case 'orderNumber':
        return words.order
      default:
        return name === 'lines' ? words.lines : name
    }
  }
}
