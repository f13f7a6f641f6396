/**
 * The one table of stable codes. A code never changes its meaning; tests, translations and other people's
 * programs rest on it. `sentence` says what to do, to a person who has never seen this code; `http` is the
 * status over REST; `close` is the WebSocket close code, or null where the socket or channel stays open.
 *
 * y-websocket 3.1 gives up for good on 4400–4499 and retries on everything else, so `retry` and the close code
 * agree: a test holds that.
 */
export interface ErrorEntry {
  readonly http: number
  readonly close: number | null
  /** Whether the same thing, sent again later, can succeed without a person changing anything. */
  readonly retry: boolean
  readonly sentence: string
}

export const errorCodes = {
  // Who you are.
  TOKEN_MISSING: {
    http: 401,
    close: 4401,
    retry: false,
    sentence: 'Sign in: this request carried no token.',
  },
  TOKEN_INVALID: {
    http: 401,
    close: 4401,
    retry: false,
    sentence: 'Sign in again: the token is not valid here.',
  },
  TOKEN_EXPIRED: { http: 401, close: 4401, retry: false, sentence: 'Sign in again: the token has expired.' },
  TOKEN_REVOKED: {
    http: 401,
    close: 4401,
    retry: false,
    sentence: 'Sign in again: the token was withdrawn.',
  },
  TOKEN_OF_ANOTHER: {
    http: 401,
    close: 4401,
    retry: false,
    sentence: 'Sign in again: a renewed token must be of the same user as the one it renews.',
  },

  TOKEN_KEYS_UNREACHABLE: {
    http: 503,
    close: 4503,
    retry: true,
    sentence: 'Wait a moment: the server cannot reach the keys it checks tokens with.',
  },

  // What you may see.
  FORBIDDEN: { http: 403, close: 4403, retry: false, sentence: 'Ask for access: you may not read this.' },
  READ_ENDED: {
    http: 403,
    close: 4403,
    retry: false,
    sentence: 'Ask for access: your permission to read this record has ended.',
  },
  UNAVAILABLE: {
    http: 503,
    close: null,
    retry: true,
    sentence: 'Wait for a connection: this is not on the device, and is shown as soon as there is one.',
  },
  NO_SUCH_RECORD: {
    http: 404,
    close: 4404,
    retry: false,
    sentence: 'Check the id: there is no such record.',
  },
  NO_SUCH_TYPE: {
    http: 404,
    close: 4404,
    retry: false,
    sentence: 'Check the type: this server has no such record type.',
  },
  NO_SUCH_ENTRY: { http: 404, close: 4405, retry: false, sentence: 'Reload: the entry does not exist.' },
  NO_SUCH_ROUTE: {
    http: 404,
    close: 4404,
    retry: false,
    sentence: 'Check the address: nothing is served here.',
  },
  METHOD_NOT_ALLOWED: {
    http: 405,
    close: null,
    retry: false,
    sentence: 'Check the method: the header Allow names those that this address takes.',
  },
  BAD_ROOM_NAME: {
    http: 400,
    close: 4404,
    retry: false,
    sentence: 'Check the address: a room is named type:id, percent-encoded.',
  },

  // What you may write. The reasons of a refused write, each with the paths it concerns.
  WRITE_REFUSED: {
    http: 422,
    close: 4405,
    retry: false,
    sentence: 'Nothing of this change was stored: see its paths and reasons.',
  },
  BAD_PATH: {
    http: 422,
    close: 4405,
    retry: false,
    sentence: 'Check the path: it does not follow the grammar of paths.',
  },
  BAD_VALUE: {
    http: 422,
    close: 4405,
    retry: false,
    sentence: 'Change the value: the field does not allow it.',
  },
  BAD_TYPE: {
    http: 422,
    close: 4405,
    retry: false,
    sentence: 'Change the value: it is not of the type of this field.',
  },
  REQUIRED: { http: 422, close: 4405, retry: false, sentence: 'Fill in the field: it may not be empty.' },
  READ_ONLY_FIELD: {
    http: 422,
    close: 4405,
    retry: false,
    sentence: 'Leave this field: it is derived or set by the server and cannot be written.',
  },
  READ_ONLY: {
    http: 403,
    close: 4405,
    retry: false,
    sentence: 'Ask for access: you may read this record, not write it.',
  },
  NOT_PERMITTED: {
    http: 403,
    close: 4405,
    retry: false,
    sentence: 'Ask for the right: your role may not write this field.',
  },
  WRONG_STATE: {
    http: 409,
    close: 4405,
    retry: false,
    sentence: 'Reload: in its present state the record does not allow this.',
  },
  REMOVED: {
    http: 409,
    close: 4405,
    retry: false,
    sentence: 'Restore it first: the record or entry has been removed.',
  },
  NOT_HOLDER: {
    http: 409,
    close: 4405,
    retry: false,
    sentence: 'Somebody else holds this: ask the holder, or a person who may reassign it.',
  },
  LOG_ENTRY_CHANGED: {
    http: 409,
    close: 4405,
    retry: false,
    sentence: 'Add a new entry: what stands in a log is never changed.',
  },
  CLOCK_AHEAD: {
    http: 422,
    close: 4405,
    retry: true,
    sentence:
      'Set the device clock: the change is dated in the future. corecord sends it again with the right time.',
  },
  TOO_LARGE: {
    http: 413,
    close: 4413,
    retry: false,
    sentence: 'Make it smaller: the value, record or message exceeds its limit.',
  },
  RECORD_FULL: {
    http: 413,
    close: 4405,
    retry: false,
    sentence: 'Make room: the record holds all that it may. Shorten what stands in it, or begin another one.',
  },
  TOO_MANY: {
    http: 422,
    close: 4405,
    retry: false,
    sentence: 'Use fewer: a limit on the number of entries, ids or changes is reached.',
  },
  SCHEMA_OLDER: {
    http: 409,
    close: 4405,
    retry: false,
    sentence: 'Reload the application: it is older than the server and does not know this field.',
  },

  // What only a broken or hostile client sends.
  NOT_OWNER: {
    http: 403,
    close: 4405,
    retry: false,
    sentence: 'Reload: this client id belongs to another user.',
  },
  AUTHOR_MISMATCH: {
    http: 403,
    close: 4405,
    retry: false,
    sentence: 'Reload and sign in: the change names an author other than the user who sent it.',
  },
  MALFORMED: {
    http: 400,
    close: 4405,
    retry: false,
    sentence: 'Reload the application: the server could not read its message.',
  },
  FORGED: {
    http: 403,
    close: 4405,
    retry: false,
    sentence: 'Reload the application: its message contradicts what the record holds and was not taken.',
  },
  PENDING: {
    http: 409,
    close: null,
    retry: true,
    sentence: 'Wait: the change rests on something the server has not seen; it asks for it.',
  },

  // What has happened to the record.
  EPOCH_CHANGED: {
    http: 409,
    close: 4409,
    retry: false,
    sentence:
      'Open the record again: it was restored or folded, and what you had open is of its earlier life.',
  },
  CLIENT_ID_SPENT: {
    http: 409,
    close: 4409,
    retry: false,
    sentence: 'Open the record again: the client id was used up by a refused change or an earlier epoch.',
  },
  PURGED: {
    http: 410,
    close: 4410,
    retry: false,
    sentence: 'Nothing can be done: the record was deleted for good.',
  },

  // Requests.
  BAD_REQUEST: {
    http: 400,
    close: 4400,
    retry: false,
    sentence: 'Check the request: a part of it is missing or of the wrong form.',
  },
  BAD_CONTENT_TYPE: {
    http: 415,
    close: null,
    retry: false,
    sentence: 'Check the header content-type: what this is sent as is not read here.',
  },
  BAD_QUERY: {
    http: 400,
    close: null,
    retry: false,
    sentence: 'Check the query: it names a field or an operator that the type does not have.',
  },
  BAD_CURSOR: {
    http: 400,
    close: null,
    retry: false,
    sentence: 'Start from the beginning: the cursor is not one of this server.',
  },
  CURSOR_EXPIRED: {
    http: 410,
    close: null,
    retry: false,
    sentence: 'Read everything again: what lay after this cursor is no longer kept.',
  },
  BAD_VERSION: {
    http: 426,
    close: 4400,
    retry: false,
    sentence: 'Reload the application: it speaks a version of the link that this server does not.',
  },
  ALREADY_EXISTS: {
    http: 409,
    close: null,
    retry: false,
    sentence: 'Choose another id: there is already a record with this one.',
  },
  IF_MATCH_FAILED: {
    http: 412,
    close: null,
    retry: false,
    sentence: 'Read the record again: it has changed since the version you named.',
  },
  IDEMPOTENCY_MISMATCH: {
    http: 422,
    close: null,
    retry: false,
    sentence: 'Use a new Idempotency-Key: this one came with another request before.',
  },
  NO_SUCH_ACTION: {
    http: 404,
    close: 4405,
    retry: false,
    sentence: 'Check the name: the record type has no such action.',
  },
  BAD_ARGUMENTS: {
    http: 422,
    close: 4405,
    retry: false,
    sentence: 'Check the arguments: the action does not allow them.',
  },
  ACTION_REFUSED: {
    http: 409,
    close: null,
    retry: false,
    sentence: 'See the reason: the action looked at the record and refused.',
  },
  NO_SUCH_BLOB: {
    http: 404,
    close: null,
    retry: false,
    sentence: 'Check the hash: there is no such file, or none that you may read.',
  },
  BLOB_TYPE: {
    http: 415,
    close: null,
    retry: false,
    sentence: 'Choose another file: its content is not of a type that the field takes.',
  },
  BLOB_HASH: {
    http: 422,
    close: null,
    retry: true,
    sentence: 'Send the file again: what arrived is not what was announced.',
  },
  BLOB_OFFSET: {
    http: 409,
    close: null,
    retry: true,
    sentence: 'Continue at the offset the answer names: the upload stands there.',
  },
  BAD_RANGE: { http: 416, close: null, retry: false, sentence: 'Check the range: it lies outside the file.' },

  // Too much of it.
  TOO_FAST: {
    http: 429,
    close: 4529,
    retry: true,
    sentence: 'Slow down and try again: too many messages in a short time.',
  },
  TOO_SLOW: {
    http: 503,
    close: 4529,
    retry: true,
    sentence: 'Connect again: too much waited unread on this connection.',
  },
  TOO_MANY_SOCKETS: {
    http: 429,
    close: 4529,
    retry: true,
    sentence: 'Close other windows or wait: too many connections from this address.',
  },
  TOO_MANY_CHANNELS: {
    http: 429,
    close: 4529,
    retry: true,
    sentence: 'Close other records: too many are open on this connection.',
  },
  TOO_MANY_ROOMS: {
    http: 429,
    close: 4529,
    retry: true,
    sentence: 'Close other records: you have too many open.',
  },

  // The device, by the client alone.
  NOT_KEPT: {
    http: 507,
    close: null,
    retry: true,
    sentence: 'Make room on this device: what is to be there off line could not be kept on it.',
  },

  CLOSED: {
    http: 410,
    close: null,
    retry: false,
    sentence: 'Load the page again: what was open here has been closed, as by signing out.',
  },

  // The server.
  DRAINING: {
    http: 503,
    close: 4503,
    retry: true,
    sentence: 'Wait a moment: the server is restarting and will be back.',
  },
  STORE_UNWRITABLE: {
    http: 503,
    close: 4503,
    retry: true,
    sentence: 'Wait: the server cannot write to its disk; what you do is kept on this device and sent later.',
  },
  STORE_CLOSED: { http: 503, close: 4503, retry: true, sentence: 'Wait a moment: the server is stopping.' },
  STORE_LOCKED: {
    http: 503,
    close: 4503,
    retry: true,
    sentence: 'Stop the other process: it has the same data directory open.',
  },
  STORE_NEWER: {
    http: 503,
    close: 4503,
    retry: true,
    sentence: 'Update the server: a newer version wrote its data.',
  },
  STORE_FOREIGN: {
    http: 503,
    close: 4503,
    retry: true,
    sentence: 'Choose another directory: this one holds the data of something else.',
  },
  STORE_DAMAGED: {
    http: 500,
    close: 4503,
    retry: true,
    sentence:
      'Ask the operator: the stored record is damaged (corecord verify names what), all others are served.',
  },
  STORE_BAD_CHANGE: {
    http: 500,
    close: 4500,
    retry: true,
    sentence: 'Tell the operator: the server made a change that its store does not take.',
  },
  INTERNAL: {
    http: 500,
    close: 4500,
    retry: true,
    sentence: 'Try again; if it stays, tell the operator: the server failed in this request.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCodes

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorCodes, text)

/** The code for a close code that arrived without a readable reason. */
export const closeCodes = {
  4400: 'BAD_REQUEST',
  4401: 'TOKEN_INVALID',
  4403: 'FORBIDDEN',
  4404: 'NO_SUCH_RECORD',
  4405: 'WRITE_REFUSED',
  4409: 'EPOCH_CHANGED',
  4410: 'PURGED',
  4413: 'TOO_LARGE',
  4500: 'INTERNAL',
  4503: 'DRAINING',
  4529: 'TOO_FAST',
} as const satisfies Record<number, ErrorCode>

/** RFC 6455: a close frame carries at most 125 bytes, two of them the code. */
const CLOSE_REASON_BYTES_MAX = 123

/** What a close frame says: the code, then a sentence, as far as the frame holds it. */
export const closeReason = (code: ErrorCode, sentence: string = errorCodes[code].sentence): string => {
  let bytes = 0
  let reason = ''
  for (const char of `${code}: ${sentence}`) {
    bytes += utf8Length(char)
    if (bytes > CLOSE_REASON_BYTES_MAX) break
    reason += char
  }
  return reason
}

export interface CloseMeaning {
  readonly code: ErrorCode
  readonly sentence: string
}

/** Reads what `closeReason` wrote. Anybody's other words count as the sentence of the close code's own entry. */
export const parseCloseReason = (close: number, reason: string): CloseMeaning | null => {
  const [head = '', ...rest] = reason.split(': ')
  if (isErrorCode(head)) return { code: head, sentence: rest.join(': ') || errorCodes[head].sentence }
  const known = Object.entries(closeCodes).find(([number]) => Number(number) === close)
  return known ? { code: known[1], sentence: reason || errorCodes[known[1]].sentence } : null
}

const utf8Length = (char: string): number => {
  const point = char.codePointAt(0) ?? 0
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}
