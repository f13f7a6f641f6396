import type { RecordType } from '../../shared/record/record-type.ts'
import { createBlobFiles } from '../blob/blob-files.ts'
import { verifyBlobs } from '../blob/verify-blobs.ts'
import type { ActionRunner } from '../action/action-runner.ts'
import { higherThanKnown, highestNumbers, seriesPuts } from '../action/number-series.ts'
import { createRevocations, type Revocation, type Revocations } from '../access/revocations.ts'
import { createStoredRevocations } from '../access/stored-revocations.ts'
import { createRebuildRows, type RebuildReport, type RebuildRows } from '../list/rebuild-rows.ts'
import { storedRow } from '../list/stored-row.ts'
import type { Row } from '../../shared/record/filter.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import type { Door } from '../room/peer.ts'
import type { Finding, Store, ValuePut } from '../store/store.ts'
import { type BackupManifest, takeBackup } from './backup.ts'
import { type CompactionReport, compactRooms } from './compact-rooms.ts'
import { type ExportAsk, exportRooms } from './export-rooms.ts'
import { importLines } from './import-lines.ts'
import { type ImportReport, importRooms } from './import-rooms.ts'
import { type Inspection, inspectRoom } from './inspect-room.ts'
import { type ExportedRoom, peeked } from './room-file.ts'
import { OperationFailure } from './operation-failure.ts'

/**
 * What an operator can do with the data. The command line does it through a running server, by HTTP, or on the data
 * folder itself when no server has it open; both are this.
 */
export interface Operations {
  inspect(room: string): Promise<Inspection | null>
  exportRooms(ask: ExportAsk): AsyncIterable<Uint8Array>
  importRooms(source: AsyncIterable<Uint8Array>, onProgress: (rooms: number) => void): Promise<ImportReport>
  compact(onProgress: (rooms: number) => void): Promise<CompactionReport>
  /** Makes rows of the named types, or of all, anew from the records. */
  reindex(types: readonly string[] | null, onProgress: (records: number) => void): Promise<RebuildReport>
  verify(options: { events: boolean }, onFinding: (finding: Finding) => void): Promise<void>
  backup(onManifest: (manifest: BackupManifest) => void): AsyncIterable<Uint8Array>
  revoke(which: { jti: string } | { sub: string }): Promise<Revocation>
  close(): Promise<void>
}

export interface LocalOperations extends Operations {
  /** What an exact import leaves to its end, where a kill kept it from that. Whether there was something. */
  endBrokenImport(): Promise<boolean>
}

export interface OperationsParts {
  readonly store: Store
  readonly recordTypes: readonly RecordType[]
  readonly dataFolder: string
  readonly version: string
  readonly now: () => number
  /** Lines are written through rooms. A function, because a server has them when it is open. */
  readonly door?: () => Door
  /** That of the running server, whose lists go on meanwhile; without one the rows are written in the store. */
  readonly rebuild?: RebuildRows
  /** Of the running server: its lists are told of the rows that an exact import brings, and its log where one cannot be made. */
  readonly came?: (type: string, row: Row, commit: number) => void
  readonly rowFailed?: (room: string, error: unknown) => void
  /** Of the running server, which knows what numbers it has given; without one the store is told. */
  readonly runner?: () => Pick<ActionRunner, 'goOnBehind' | 'keepBack' | 'release'>
  /** Those of the running server, whose live sessions must end; without one the store's are opened. */
  readonly revocations?: Revocations
}

export function createOperations(parts: OperationsParts): LocalOperations {
  const { store, recordTypes, dataFolder } = parts
  const revocations =
    parts.revocations ?? createRevocations(createStoredRevocations(store, putIn(store), parts.now), parts.now)
  const typesByName = new Map(recordTypes.map(type => [type.name, type]))
  const rebuild =
    parts.rebuild ?? createRebuildRows({ store, types: typesByName, put: putAllIn(store), now: parts.now })
  /** What came has numbers, and none of them may be given a second time. */
  const goOnBehindAll = async (): Promise<void> => {
    const highest = await highestNumbers(store, recordTypes, parts.now)
    if (parts.runner !== undefined) return parts.runner().goOnBehind(highest)
    const higher = await higherThanKnown(store, highest)
    await putAllIn(store)(higher.flatMap(([series, last]) => seriesPuts(series, last)))
  }
  const note = (value: string | null): Promise<void> => putAllIn(store)([{ ...UNDER_WAY, value }])
  let exactImports = 0
  const beginImport = (): Promise<void> => {
    exactImports++
    return note(new Date(parts.now()).toISOString())
  }
  /** Where series go on behind what the file has brought. */
  const endImport = async (): Promise<void> => {
    await goOnBehindAll().finally(() => exactImports--)
    // Of another that goes on, some may have come after that.
    if (exactImports === 0) await note(null)
  }
  return {
    async endBrokenImport() {
      if ((await store.readValue(UNDER_WAY.space, UNDER_WAY.key)) === null) return false
      // An earlier version made rows at the end.
      await rebuild({ missingOnly: true })
      await inTheEnd(beginImport(), endImport)
      return true
    },
    inspect: room => inspectRoom(store, typesByName, room),
    exportRooms: ask => exportRooms(store, typesByName, ask),
    async importRooms(source, onProgress) {
      const { isExact, all } = await peeked(source)
      if (isExact) {
        const { came } = parts
        const asked = {
          onProgress,
          rowOf: rowsOf(parts, typesByName),
          ...(came === undefined ? {} : { came }),
        }
        const importing = beginImport().then(() => importRooms(store, all, asked))
        // Of a file that is cut short, too.
        return inTheEnd(importing, endImport)
      }
      if (parts.door === undefined)
        throw new OperationFailure('Lines are imported through a server: give the server their types.')
      const runner = parts.runner?.()
      const requests: string[] = []
      const asking = (keys: readonly string[]): void => {
        runner?.keepBack(keys)
        requests.push(...keys)
      }
      const lines = importLines({ door: parts.door(), store, typesByName, asking }, all, onProgress)
      return inTheEnd(lines, () => goOnBehindAll().finally(() => runner?.release(requests)))
    },
    compact: onProgress => compactRooms(store, onProgress),
    async reindex(types, onProgress) {
      const unknown = types?.find(name => !typesByName.has(name))
      if (unknown !== undefined) throw new OperationFailure(`There is no record type «${unknown}».`)
      return rebuild(types === null ? {} : { types: new Set(types) }, onProgress)
    },
    async verify(options, onFinding) {
      for await (const finding of store.verify(options)) onFinding(finding)
      for await (const finding of verifyBlobs(store, createBlobFiles(dataFolder))) onFinding(finding)
    },
    backup: onManifest => takeBackup(parts, onManifest),
    async revoke(which) {
      await revocations.start()
      return revocations.revoke(which)
    },
    close: () => store.close(),
  }
}

/** What lists show of each record of a file. Of functions that fail one is told, and the others of that import not. */
const rowsOf = (
  { now, rowFailed }: Pick<OperationsParts, 'now' | 'rowFailed'>,
  typesByName: ReadonlyMap<string, RecordType>,
): ((room: ExportedRoom) => Row | null) => {
  let hasFailed = false
  return stored => {
    const { room, type: name } = stored.head
    const [type, id] = [typesByName.get(name), parseRoomName(room)?.id]
    if (type === undefined || id === undefined) return null
    const failed = (error: unknown): void => {
      if (!hasFailed) rowFailed?.(room, error)
      hasFailed = true
    }
    try {
      return storedRow(type, id, stored, now(), { failed })
    } catch (error) {
      // Who may read is decided by the row: without one nobody does.
      failed(error)
      return null
    }
  }
}

const UNDER_WAY = { space: '$import', key: 'exact' } as const

/** What is to be done however the work ends. Should both fail, why the work did is what matters. */
const inTheEnd = async <T>(work: Promise<T>, end: () => Promise<void>): Promise<T> => {
  const [worked] = await Promise.allSettled([work])
  try {
    await end()
  } catch (error) {
    if (worked.status === 'fulfilled') throw error
  }
  if (worked.status === 'rejected') throw worked.reason
  return worked.value
}

const putAllIn =
  (store: Pick<Store, 'commit'>) =>
  async (values: readonly ValuePut[]): Promise<void> => {
    await store.commit([{ rooms: [], values }])
  }

const putIn =
  (store: Pick<Store, 'commit'>) =>
  async (value: ValuePut): Promise<void> => {
    await store.commit([{ rooms: [], values: [value] }])
  }
