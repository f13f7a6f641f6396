import { createHash, randomBytes } from 'node:crypto'
import { RECORD_PATH } from '../../shared/record/path.ts'
import type { RecordOnDoc } from '../../shared/record/record.ts'
import type { Principal } from '../access/principal.ts'
import { requestOnCreate } from '../action/request-on-create.ts'
import { HttpProblem } from '../http/problem.ts'
import type { EditedAt, UserWriter } from '../room/user-write.ts'
import type { Store } from '../store/store.ts'
import { ALL_SHOWN, applyPatch, NOTHING_SHOWN, type Patch, type Shown } from './apply-patch.ts'
import type { Writing } from './idempotency.ts'
import { etagOf, isMatched, type Match, type Version } from './etag.ts'
import { type ReadParts, typeOf } from './read-record.ts'
import { readSince, shownSince, type Since } from './shown-since.ts'

/** Writes of one person to one record, made through the guard like a device's. */
export interface WriteParts extends ReadParts {
  readonly store: Pick<Store, 'readRecordEvents' | 'readHead'>
  readonly writer: UserWriter
}

export interface WriteAsk {
  readonly principal: Principal
  readonly room: string
  /** The write is made only while the record stands at one of these. */
  readonly ifMatch: Match | null
  /** What the writer was shown, where the write is to be merged with what came since. */
  readonly basis: Version | null
  /** Ids that the server gives are the same for the same key. */
  readonly idempotencyKey: string | null
  /** Told which paths are about to be written. */
  readonly writing: Writing
}

export type Written = Version & { readonly isChanged: boolean }

export interface Created extends Written {
  /** Of the actions that were asked for with it. */
  readonly requests: readonly string[]
}

export interface CreateOptions {
  /** Also where one of this name was purged; without it that is refused, as a late retry would be one. */
  readonly again?: boolean
  /** Told what is asked for with the record, before it is. */
  readonly asking?: (requests: readonly string[]) => void
}

/** Times that a write looks again at what was committed while it was being prepared. */
const LOOKS_MAX = 5

/** One creation of an id at a time: the second finds the first. */
const creating = new Map<string, Promise<unknown>>()

export async function createRecord(
  parts: WriteParts,
  ask: WriteAsk,
  values: Patch,
  { again = false, asking }: CreateOptions = {},
): Promise<Created> {
  typeOf(parts.types, ask.room)
  const before = creating.get(ask.room) ?? Promise.resolve()
  const mine = before
    .catch(() => {})
    .then(() =>
      parts.writer.write(
        ask.room,
        ask.principal,
        record => {
          if (record.view.created !== null) throw new HttpProblem('ALREADY_EXISTS', undefined, ['id'])
          telling(ask, record, () => applyPatch(record, values, { shown: ALL_SHOWN, newId: idsFor(ask) }))
          const requests = requestOnCreate(record, ask.room, name => requestIdOf(ask, name))
          asking?.(requests)
          return requests
        },
        { again },
      ),
    )
    .then(({ value: requests, ...written }) => ({ ...written, requests }))
  creating.set(ask.room, mine)
  try {
    return await mine
  } finally {
    if (creating.get(ask.room) === mine) creating.delete(ask.room)
  }
}

export function patchRecord(parts: WriteParts, ask: WriteAsk, patch: Patch): Promise<Written> {
  return edit(parts, ask, (record, shown, { wroteEarlier }) =>
    applyPatch(record, patch, { shown, isOwn: wroteEarlier, newId: idsFor(ask) }),
  )
}

export function removeRecord(parts: WriteParts, ask: WriteAsk): Promise<Written> {
  return edit(parts, ask, record => record.remove())
}

/** Brings back the record, or an entry of it. */
export function restoreRecord(parts: WriteParts, ask: WriteAsk, path: string): Promise<Written> {
  return edit(parts, ask, record => {
    if (record.index.at(path).length === 0 && path !== RECORD_PATH)
      throw new HttpProblem('NO_SUCH_ENTRY', 'Nothing was removed there.', [path])
    record.restore(path)
  })
}

/** What was written goes to the room as soon as this returns. */
function telling({ room, writing }: WriteAsk, record: RecordOnDoc, write: () => void): void {
  const paths = new Set<string>()
  const stop = record.subscribe('', touched => {
    for (const path of touched) paths.add(path)
  })
  write()
  stop()
  if (paths.size > 0) writing(room, paths)
}

class Moved extends Error {}

async function edit(
  parts: WriteParts,
  ask: WriteAsk,
  write: (record: RecordOnDoc, shown: Shown, at: EditedAt) => void,
): Promise<Written> {
  const { principal, room, ifMatch, basis } = ask
  typeOf(parts.types, room)
  for (let look = 1; ; look++) {
    const since = basis === null ? null : await lookBack(parts, room, basis)
    try {
      return await parts.writer.write(room, principal, (record, at) => {
        if (record.view.created === null) throw new HttpProblem('NO_SUCH_RECORD')
        if (ifMatch !== null && !isMatched(ifMatch, at)) {
          const current = etagOf(at)
          throw new HttpProblem(
            'IF_MATCH_FAILED',
            `Read the record again: it stands at ${current} now.`,
            [],
            { current },
          )
        }
        if (since !== null && isOvertaken(since, at) && look < LOOKS_MAX) throw new Moved()
        telling(ask, record, () => write(record, shownBy(ifMatch, since, at), at))
      })
    } catch (error) {
      if (!(error instanceof Moved)) throw error
    }
  }
}

async function lookBack({ store }: WriteParts, room: string, basis: Version): Promise<Since | null> {
  const head = await store.readHead(room)
  return head === null ? null : readSince(store, room, basis, head)
}

/** Something was committed since the events were read. */
function isOvertaken({ basis, upTo }: Since, at: Version): boolean {
  return basis.epoch === at.epoch && at.commit !== basis.commit && at.commit !== upTo
}

function shownBy(ifMatch: Match | null, since: Since | null, at: Version): Shown {
  if (since !== null) return shownSince(since, at)
  return ifMatch !== null && ifMatch !== 'any' ? ALL_SHOWN : NOTHING_SHOWN
}

export function newRecordId(key: string | null, userId: string): string {
  return key === null ? randomBytes(9).toString('hex') : hashed('record', userId, key)
}

type IdsAsk = Pick<WriteAsk, 'idempotencyKey' | 'principal' | 'room'>

function idsFor({ idempotencyKey, principal, room }: IdsAsk): () => string {
  let n = 0
  return () =>
    idempotencyKey === null
      ? randomBytes(9).toString('hex')
      : hashed('entry', principal.id, room, idempotencyKey, String(n++))
}

/** Of what is asked for with the record when it is created. */
export const requestIdOf = ({ idempotencyKey, principal, room }: IdsAsk, action: string): string =>
  idempotencyKey === null
    ? randomBytes(9).toString('hex')
    : hashed('request', principal.id, room, idempotencyKey, action)

function hashed(...of: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 18)
}
