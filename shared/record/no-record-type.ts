/** What a file gives that is not through yet, as where two import each other, is undefined. */
export const noRecordType = (type: unknown): TypeError =>
  new TypeError(
    `«${String(type)}» is no record type: it is what defineRecord gives, and undefined where two files import each other`,
  )
