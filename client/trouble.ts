// What becomes of what is asked for and can never be had.

import { errorCodes } from '../shared/wire/error-codes.ts'
import type { Trouble } from './record/live-record.ts'

/** The desk; or one thing, by whoever had it. */
export const CLOSED = { code: 'CLOSED', sentence: errorCodes.CLOSED.sentence } as const satisfies Trouble

/** Of a name that no record can have, whoever made it up. */
export const NO_ROOM: Trouble = { code: 'BAD_ROOM_NAME', sentence: errorCodes.BAD_ROOM_NAME.sentence }
