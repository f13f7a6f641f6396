import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metadata } from 'sharp'
import { HttpProblem } from '../http/problem.ts'
import type { BlobFiles } from './blob-files.ts'

/** Small pictures of pictures, made once and kept; a backup leaves them out, since they can be made again. */
export interface Thumbnails {
  /** The file; throws BLOB_TYPE where no picture can be made of it. */
  of(hash: string, size: number): Promise<string>
  forget(hash: string): Promise<void>
}

export const thumbnailSizes = [96, 320, 1280] as const
export const thumbnailType = 'image/webp'

/** Each takes a core and tens of megabytes; the others wait. */
const AT_ONCE = 2
const WAITING_MAX = 200

/** A picture of 12,000 × 12,000; what says that it is larger is there to fill the memory. */
const PIXELS_MAX = 150e6

/** Of what is not read line by line each pixel stands in memory, and a hundred bytes may say that there are so many. */
const WHOLE_PIXELS_MAX = 50e6

const PICTURELESS_MAX = 10_000
const NO_PICTURE = 'Show the file by its name: no small picture can be made of it here.'

function takesTooMuch({ format, isProgressive, orientation = 1, width, height }: Metadata): boolean {
  const isByLine = format === 'jpeg' || (format === 'png' && isUpright(orientation))
  return (!isByLine || isProgressive === true) && width * height > WHOLE_PIXELS_MAX
}

/** By the note of the camera; others are laid on their side first. */
const isUpright = (orientation: number): boolean => orientation <= 4

export function createThumbnails(dataFolder: string, files: BlobFiles): Thumbnails {
  const folder = join(dataFolder, 'thumbnails')
  const making = new Map<string, Promise<string>>()
  /** Files that are none, or of a kind that is not read here, as phones' HEIC is not. Bytes of a name never change. */
  const pictureless = new Set<string>()
  const waiting: (() => void)[] = []
  let running = 0

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting.length >= WAITING_MAX)
      throw new HttpProblem('TOO_FAST', 'Too many pictures are being made small.')
    if (running >= AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
    running++
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }

  async function make(hash: string, size: number, path: string): Promise<string> {
    const temporary = `${path}.${crypto.randomUUID()}.tmp`
    await mkdir(join(folder, hash.slice(0, 2)), { recursive: true })
    // Only here: it brings libraries of its own, which most starts never need.
    const { default: sharp } = await import('sharp')
    const options = { limitInputPixels: PIXELS_MAX, failOn: 'none', sequentialRead: true } as const
    try {
      const picture = sharp(files.pathOf(hash), options)
      if (takesTooMuch(await picture.metadata())) throw new Error('it is too large')
      await picture
        // As the camera was held; what else it noted, where the photo was taken among it, is left out.
        .rotate()
        .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 76 })
        .toFile(temporary)
      await rename(temporary, path)
      return path
    } catch (error) {
      await rm(temporary, { force: true })
      // A disk that is full says nothing of the picture.
      if (error instanceof Error && 'errno' in error) throw error
      if (pictureless.size >= PICTURELESS_MAX) pictureless.clear()
      pictureless.add(hash)
      throw new HttpProblem('BLOB_TYPE', NO_PICTURE)
    }
  }

  return {
    async of(hash, size) {
      if (pictureless.has(hash)) throw new HttpProblem('BLOB_TYPE', NO_PICTURE)
      const path = join(folder, hash.slice(0, 2), `${hash}-${size}.webp`)
      const isThere = await stat(path).then(
        () => true,
        () => false,
      )
      if (isThere) return path
      const known = making.get(path)
      if (known !== undefined) return known
      const made = inTurn(() => make(hash, size, path)).finally(() => making.delete(path))
      making.set(path, made)
      return made
    },
    async forget(hash) {
      pictureless.delete(hash)
      for (const size of thumbnailSizes)
        await rm(join(folder, hash.slice(0, 2), `${hash}-${size}.webp`), { force: true })
    },
  }
}
