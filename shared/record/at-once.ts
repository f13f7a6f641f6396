// The functions of a record type answer at once: nothing waits for a promise, and one that failed later would be an
// error of nobody, which ends a server.

/** What such a function gave. `whose` begins the sentence. */
export const atOnce = <T>(given: T, whose: string): T => {
  if (!(given instanceof Promise)) return given
  given.catch(() => {})
  throw new TypeError(`${whose} gave a promise: it has to answer at once`)
}

/** Throws for the first `async` function in a declaration, by its place. */
export const assertAtOnce = (declared: unknown, place: string): void => {
  if (typeof declared === 'function' && /^Async/.test(kindOf(declared)))
    throw new TypeError(`${place} is an async function: it has to answer at once`)
  if (typeof declared !== 'object' || declared === null) return
  for (const [key, part] of Object.entries(declared)) assertAtOnce(part, `${place}.${key}`)
}

const kindOf = (given: object): string => Object.prototype.toString.call(given).slice('[object '.length)
