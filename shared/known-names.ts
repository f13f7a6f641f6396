/** What is misspelt would be what is not said, and nobody would know until it matters. `none` begins the sentence. */
export const assertKnownNames = (none: string, given: object, known: readonly string[]): void => {
  const unknown = Object.keys(given).find(name => !known.includes(name))
  if (unknown !== undefined) throw new TypeError(`${none} «${unknown}»: there are ${known.join(', ')}`)
}
