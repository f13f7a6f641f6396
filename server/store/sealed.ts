import { crc32 } from 'node:zlib'

/**
 * Every value on disk begins with a checksum of its key and the rest. LevelDB checks its newest log, but reads its
 * tables unchecked, and a flipped bit in an update would otherwise reach every reader as a valid different edit, one
 * in a key as an edit of another record.
 */
const CHECKSUM_BYTES = 4

export function sealBytes(key: string, kind: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = CHECKSUM_BYTES + 1
  for (const part of parts) length += part.byteLength
  const sealed = Buffer.allocUnsafe(length)
  sealed[CHECKSUM_BYTES] = kind
  let at = CHECKSUM_BYTES + 1
  for (const part of parts) {
    sealed.set(part, at)
    at += part.byteLength
  }
  return close(key, sealed)
}

export function sealText(key: string, text: string): Uint8Array {
  const length = Buffer.byteLength(text)
  const sealed = Buffer.allocUnsafe(CHECKSUM_BYTES + length)
  sealed.write(text, CHECKSUM_BYTES)
  return close(key, sealed)
}

function close(key: string, sealed: Buffer): Uint8Array {
  sealed.writeUInt32LE(crc32(sealed.subarray(CHECKSUM_BYTES), crc32(key)), 0)
  return sealed
}

/** Throws when the value is not as it was written. */
export function unseal(key: string, sealed: Uint8Array): Buffer {
  const buffer = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (buffer.length < CHECKSUM_BYTES) throw new Error('a value is shorter than its checksum')
  const payload = buffer.subarray(CHECKSUM_BYTES)
  if (crc32(payload, crc32(key)) !== buffer.readUInt32LE(0)) throw new Error('a checksum does not match')
  return payload
}

export const unsealText = (key: string, sealed: Uint8Array): string => unseal(key, sealed).toString('utf8')

/** For what is named by `verify` and must not stop whoever reads the rest. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
