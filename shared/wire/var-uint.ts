/** The variable-length unsigned integers of lib0, for writing into bytes whose size is known beforehand. */
export const varUintLength = (value: number): number => {
  let length = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++
  return length
}

/** Writes the value at `at` and returns where it ends. */
export const setVarUint = (bytes: Uint8Array, at: number, value: number): number => {
  let end = at
  let rest = value
  while (rest > 127) {
    bytes[end++] = 128 | (rest & 127)
    rest = Math.floor(rest / 128)
  }
  bytes[end++] = rest
  return end
}
