import { createByteReader } from './room-file.ts'

/**
 * The part of the tar format (ustar) that a backup needs: files, one after the other, that any `tar` can list and
 * unpack. Larger than 8 GiB goes in base 256, as GNU tar writes it.
 */
export interface TarEntry {
  readonly name: string
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
}

const block = 512
const octalSizeMax = 0o77777777777

export async function* writeTar(
  entries: AsyncIterable<TarEntry>,
  now: () => number,
): AsyncGenerator<Uint8Array> {
  for await (const { name, size, content } of entries) {
    yield tarHeader(name, size, Math.floor(now() / 1000))
    let written = 0
    for await (const chunk of content) {
      written += chunk.byteLength
      yield chunk
    }
    if (written !== size)
      throw new Error(`${name} changed its size while it was read: ${written}, not ${size} bytes.`)
    yield Buffer.alloc((block - (size % block)) % block)
  }
  yield Buffer.alloc(2 * block)
}

function tarHeader(name: string, size: number, seconds: number): Buffer {
  const header = Buffer.alloc(block)
  if (Buffer.byteLength(name) > 100) throw new Error(`The name «${name}» is too long for a tar file.`)
  header.write(name, 0)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  if (size <= octalSizeMax) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(size), 128)
  }
  header.write(`${seconds.toString(8).padStart(11, '0')}\0`, 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

function checksum(header: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < block; at++) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0)
  return sum
}

/** Each entry's content must be read before the next entry is asked for. Throws where the file is not whole. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const bytes = createByteReader(source)
  for (let isFirst = true; ; isFirst = false) {
    const header = await bytes.read(block)
    if (header === null && isFirst)
      throw new Error('This is no backup of corecord, or next to nothing of one.')
    if (header === null) throw new Error('The backup was cut short: its end is missing.')
    if (header.every(byte => byte === 0)) return
    if (checksum(header) !== Number.parseInt(header.toString('latin1', 148, 154), 8)) {
      throw new Error('This is no backup of corecord, or it is damaged.')
    }
    const name = header.toString('utf8', 0, 100).replace(/\0.*$/s, '')
    const size =
      header[124] === 0x80
        ? Number(header.readBigUInt64BE(128))
        : Number.parseInt(header.toString('latin1', 124, 135), 8)
    const content = contentOf(name, size)
    yield { name, size, content }
    for await (const _rest of content) {
      // Whoever took the entry may not have read all of it; the next header comes after it.
    }
  }

  async function* contentOf(name: string, size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const chunk = await bytes.read(Math.min(left, 1 << 16))
      if (chunk === null) throw new Error(`The backup was cut short within ${name}.`)
      left -= chunk.byteLength
      yield chunk
    }
    await bytes.read((block - (size % block)) % block)
  }
}
