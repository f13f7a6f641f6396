/**
 * A field is called what its word is called: the texts are named after the fields, and `others` names those that are
 * not. What lies in an entry of a list is named with the list: «Items: Required».
 */
export const fieldNameIn = (
  words: object,
  path: string,
  others: { readonly [field: string]: string } = {},
): string => {
  const [name = '', , part] = path.split('/')
  const of = (key: string): string => {
    const word: unknown = others[key] ?? (Object.hasOwn(words, key) ? words[key as keyof object] : undefined)
    return typeof word === 'string' ? word : key
  }
  return part === undefined || part === 'pos' ? of(name) : `${of(name)}: ${of(part)}`
}
