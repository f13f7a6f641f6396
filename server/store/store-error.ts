export type StoreErrorCode =
  | 'STORE_LOCKED'
  | 'STORE_NEWER'
  | 'STORE_FOREIGN'
  | 'STORE_DAMAGED'
  | 'STORE_UNWRITABLE'
  | 'STORE_CLOSED'
  | 'STORE_BAD_CHANGE'

/** What a store refuses or cannot do; the message is a sentence that says what to do about it. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  /** The room that is damaged, where it is about one. */
  readonly room: string | null

  constructor(code: StoreErrorCode, sentence: string, options: { cause?: unknown; room?: string } = {}) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'StoreError'
    this.code = code
    this.room = options.room ?? null
  }
}

export function isStoreError(error: unknown, code?: StoreErrorCode): error is StoreError {
  return error instanceof StoreError && (code === undefined || error.code === code)
}

export const damaged = (room: string, what: string, cause?: unknown): StoreError =>
  new StoreError(
    'STORE_DAMAGED',
    `${room} cannot be read from the store: ${what}. Everything else serves on.`,
    {
      cause,
      room,
    },
  )
