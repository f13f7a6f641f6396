// The files that the demo's records refer to: a few pictures and papers, made once and shared by all, so that a demo of
// any size starts at once.

import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Sharp } from 'sharp'
import type { BlobRef } from '../../shared/record/field.ts'
import type { BlobFiles } from '../blob/blob-files.ts'
import { type BlobNote, BLOBS } from '../blob/blob-register.ts'
import { sniffType } from '../blob/sniff-type.ts'
import { createRandom } from '../simulate/random.ts'
import type { ValuePut } from '../store/store.ts'
import { asSvg, type Draw, serviceDrawings, siteDrawings } from './drawings.ts'
import { type Paper, toPdf } from './papers.ts'

export type SitePicture = keyof typeof siteDrawings
export type ServicePicture = keyof typeof serviceDrawings

export interface Album {
  readonly site: { readonly [P in SitePicture]: BlobRef }
  readonly service: { readonly [P in ServicePicture]: BlobRef }
  readonly plan: BlobRef
  readonly contract: BlobRef
  readonly attachement: BlobRef
  /** What the register knows of each file. */
  readonly notes: readonly ValuePut[]
}

export const makeAlbum = async (files: BlobFiles, at: number): Promise<Album> => {
  await files.start()
  const notes: ValuePut[] = []
  const keep = async (bytes: Uint8Array, type: string, name: string): Promise<BlobRef> => {
    const hash = createHash('sha256').update(bytes).digest('hex')
    if ((await files.size(hash)) === null) {
      await files.append(`demo-${hash}`, 0, Readable.from([bytes]), bytes.length)
      await files.finish(`demo-${hash}`, hash)
    }
    const note: BlobNote = { ...sniffType(bytes.subarray(0, 4_096)), bytes: bytes.length, at, by: [] }
    notes.push({ space: BLOBS, key: hash, value: JSON.stringify(note) })
    return { hash, type, bytes: bytes.length, name }
  }
  const paper = (name: string, page: Paper): Promise<BlobRef> => keep(toPdf(page), 'application/pdf', name)
  const site = await drawn(siteDrawings, keep)
  const service = await drawn(serviceDrawings, keep)
  const [plan, contract, attachement] = await Promise.all([
    paper('A-101 ground floor.pdf', {
      title: 'A-101  Ground floor  1:100',
      lines: ['Index C, openings of the lift shaft moved'],
      hasPlan: true,
    }),
    paper('contract.pdf', {
      title: 'Contract of works',
      lines: [
        'Lot 1: main works',
        'Prices as in the bill of quantities',
        'Retention 5 %, paid back at final acceptance',
        'Time allowed: as of the order to begin',
      ],
    }),
    paper('attachement 1.pdf', {
      title: 'Attachement 1',
      lines: [
        'Quantities measured together on site and agreed',
        'For the contractor: Claire Dubois',
        'For the owner: the architect',
      ],
    }),
  ])
  return { site, service, plan, contract, attachement, notes }
}

const drawn = async <P extends string>(
  drawings: { readonly [N in P]: Draw },
  keep: (bytes: Uint8Array, type: string, name: string) => Promise<BlobRef>,
): Promise<{ readonly [N in P]: BlobRef }> => {
  // Whoever starts with data that is there already does not wait for it.
  const { default: sharp } = await import('sharp')
  const chance = createRandom(1)
  const noise = (width: number, height: number, reach: number): Sharp => {
    const bytes = Buffer.from(
      Uint8Array.from({ length: width * height }, () => 128 - reach + chance.below(2 * reach)),
    )
    return sharp(bytes, { raw: { width, height, channels: 1 } })
  }
  const size = { width: 800, height: 600, fit: 'fill' } as const
  // Walls and ground are nowhere of one colour, and a camera sees no two pixels alike.
  const stains = await noise(40, 30, 34).resize(size).png().toBuffer()
  const grain = await noise(400, 300, 40).resize(size).png().toBuffer()
  const entries = Object.entries<Draw>(drawings).map(async ([name, draw], n) => {
    const random = createRandom(n + 1)
    const picture = await sharp(Buffer.from(asSvg(draw(random), random)))
      .composite([
        { input: stains, blend: 'soft-light' },
        { input: grain, blend: 'soft-light' },
      ])
      .jpeg({ quality: 72 })
      .toBuffer()
    return [name, await keep(picture, 'image/jpeg', `IMG_${1042 + n * 7}.jpg`)] as const
  })
  // Of the keys that went in.
  return Object.fromEntries(await Promise.all(entries)) as { readonly [N in P]: BlobRef }
}
