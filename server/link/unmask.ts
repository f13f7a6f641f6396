/** Of the mask as it is turned for the first whole word, in the order of this machine. */
const turned = new Uint8Array(4)
const word = new Int32Array(turned.buffer)

/** Below this, looking for whole words takes longer than it saves. */
const WORDS_FROM_BYTES = 64

/** XORs the bytes in place with those of the mask, in turn; the mask as read in little endian. */
export const unmask = (bytes: Uint8Array, mask: number): void => {
  const { buffer, byteOffset, length } = bytes
  const byBytes = (from: number, to: number): void => {
    for (let i = from; i < to; i++) bytes[i] = (bytes[i] ?? 0) ^ (mask >>> (8 * (i & 3)))
  }
  if (length < WORDS_FROM_BYTES) {
    byBytes(0, length)
    return
  }
  const lead = -byteOffset & 3
  byBytes(0, lead)
  for (let i = 0; i < 4; i++) turned[i] = mask >>> (8 * ((lead + i) & 3))
  const by = word[0] ?? 0
  const words = new Int32Array(buffer, byteOffset + lead, (length - lead) >> 2)
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ by
  byBytes(lead + 4 * words.length, length)
}
