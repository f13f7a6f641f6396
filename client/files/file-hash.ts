import { digest } from 'lib0/hash/sha256'

/** The SHA-256 by which a file is named, in hex. Web Crypto exists on secure pages only. */
export const fileHash = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
  const subtle = globalThis.crypto?.subtle
  const hash = subtle === undefined ? digest(bytes) : new Uint8Array(await subtle.digest('SHA-256', bytes))
  return [...hash].map(byte => byte.toString(16).padStart(2, '0')).join('')
}
