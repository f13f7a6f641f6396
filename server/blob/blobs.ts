import type { FastifyInstance } from 'fastify'
import type { RecordType } from '../../shared/record/record-type.ts'
import { Housekeeping } from '../housekeeping.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Rooms } from '../room/rooms.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import { createBlobFiles } from './blob-files.ts'
import type { Principal } from '../access/principal.ts'
import { grantBlob, proveOwn } from './blob-access.ts'
import { BlobRegister, referencePublisher } from './blob-register.ts'
import { addBlobRoutes } from './blob-routes.ts'
import { type Collected, collectBlobs } from './collect-blobs.ts'
import { createThumbnails } from './thumbnails.ts'
import { Uploads } from './uploads.ts'

/** Files beside the records, as a server has them. */
export interface Blobs {
  readonly publisher: PublisherPart
  addRoutes(app: FastifyInstance): void
  start(): Promise<void>
  /** Removes what nobody refers to; done by itself from time to time. */
  collect(): Promise<Collected>
  /** Once of every reference that was made it is known whether it holds. */
  settled(): Promise<void>
  close(): Promise<void>
}

export interface BlobsParts {
  readonly store: Store
  readonly committer: Pick<GroupCommit, 'submit' | 'readOnly'>
  readonly types: ReadonlyMap<string, RecordType>
  /** Asked only once the server is open. */
  readonly rooms: () => Rooms
  readonly dataFolder: string
  readonly logger: {
    info(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  readonly now: () => number
  readonly isClockSteady: () => boolean
}

const DAY_MS = 86_400_000
const COLLECT_EVERY_MS = DAY_MS / 2

/** Some 3 MB; whoever copies records by the thousand waits for none of it. */
const PROVING_MAX = 10_000

/** An edit may be undone, and a tablet may bring the reference to what it sent days ago. */
const GRACE_MS = 14 * DAY_MS

export function createBlobs(parts: BlobsParts): Blobs {
  const { store, committer, types, rooms, dataFolder, logger, now } = parts
  const files = createBlobFiles(dataFolder)
  const register = new BlobRegister(store, committer)
  const access = { register, types, rooms }
  const mayRead = async (principal: Principal, hash: string): Promise<boolean> => {
    const note = await register.note(hash)
    return note !== null && (await grantBlob(access, principal, hash, note)) !== null
  }
  const uploads = new Uploads({ files, register, types, now, mayRead })
  /** By person and file, one after the other: what somebody pours in costs others no more than that. */
  const proving = new Map<string, Principal>()
  let proved = Promise.resolve()
  let isClosed = false
  const thumbnails = createThumbnails(dataFolder, files)
  const collecting = new Housekeeping({
    everyMs: COLLECT_EVERY_MS,
    isClockSteady: parts.isClockSteady,
    work: collect,
    failed: error => logger.error({ err: error }, 'files could not be looked through'),
  })

  async function collect(ending?: AbortSignal): Promise<Collected> {
    await uploads.dropOlderThan(GRACE_MS)
    const collected = await collectBlobs(
      { store, types, files, register, thumbnails, now, graceMs: GRACE_MS },
      ending,
    )
    if (collected.files > 0) logger.info({ ...collected }, 'files that nothing refers to were removed')
    return collected
  }

  /** What is left out for being too many, or by a kill, is looked at when they ask for the file. */
  function referenceMade(principal: Principal, hash: string): void {
    const key = `${hash} ${principal.id}`
    if (proving.has(key) || proving.size >= PROVING_MAX) return
    proving.set(key, principal)
    proved = proved.then(async () => {
      proving.delete(key)
      try {
        const note = isClosed ? null : await register.note(hash)
        if (note !== null) await proveOwn(access, principal, hash, note)
      } catch (error) {
        logger.error({ hash, err: error }, 'whether a reference to a file holds could not be looked at')
      }
    })
  }

  return {
    publisher: referencePublisher(types, referenceMade),
    addRoutes: app => addBlobRoutes(app, { ...access, committer, files, uploads, thumbnails }),
    async start() {
      await files.start()
      await uploads.start()
      collecting.start()
    },
    collect: () => collect(),
    settled: () => proved,
    async close() {
      isClosed = true
      await Promise.all([collecting.close(), proved])
    },
  }
}
