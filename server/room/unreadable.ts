import { isStoreError } from '../store/store-error.ts'
import { RoomRefusal } from './peer.ts'

/**
 * Of this record alone, and until an operator or the next start mends it: damaged, or of a type that is not served.
 * Who goes through many records passes it over, or one would stop what is done for all others.
 */
export const isUnreadable = (error: unknown): error is Error =>
  isStoreError(error, 'STORE_DAMAGED') || (error instanceof RoomRefusal && !error.isPassing)
