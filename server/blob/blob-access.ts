import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import type { BlobRef } from '../../shared/record/field.ts'
import { isAdmin, type Principal } from '../access/principal.ts'
import { senderOf } from '../room/judging.ts'
import { openCommitted } from '../room/open-committed.ts'
import { RoomRefusal } from '../room/peer.ts'
import type { Room } from '../room/room.ts'
import { mayRead } from '../room/room-access.ts'
import type { Rooms } from '../room/rooms.ts'
import { referencesIn, takesType } from './blob-paths.ts'
import type { BlobNote, BlobRegister, ReferenceNote } from './blob-register.ts'
import { isHonestType } from './sniff-type.ts'

/**
 * A file is read by who may read a record that refers to it, under the name and type of that reference, if its bytes
 * are what the reference and the field's rule say, and whoever made it had sent the file or could read it; and by who
 * sent it, so that it can be seen while the reference is on its way.
 */
export interface BlobAccessParts {
  readonly register: BlobRegister
  readonly types: ReadonlyMap<string, RecordType>
  readonly rooms: () => Pick<Rooms, 'open'>
}

export interface GrantedBlob {
  readonly type: string
  readonly name: string
}

/** References that are looked at for one answer; a logo in a thousand records is found in the first that is readable. */
const LOOKED_AT_MAX = 1_000

export async function grantBlob(
  parts: BlobAccessParts,
  principal: Principal,
  hash: string,
  note: BlobNote,
): Promise<GrantedBlob | null> {
  let looked = 0
  for await (const reference of referencesThatCount(parts.register, hash, note)) {
    if (++looked > LOOKED_AT_MAX) break
    const ref = await readableReference(parts, principal, hash, note, reference)
    if (ref !== null) return { type: ref.type, name: ref.name }
  }
  if (note.by.includes(principal.id) || isAdmin(principal))
    return { type: note.type ?? (note.isText ? 'text/plain' : 'application/octet-stream'), name: '' }
  return null
}

/**
 * This person's references open it from now on if they have sent it or may read a record that it stands in, or stood:
 * what they take out there they may put elsewhere, or back, and by then it stands nowhere else.
 */
export async function proveOwn(
  parts: BlobAccessParts,
  principal: Principal,
  hash: string,
  note: BlobNote,
): Promise<void> {
  const { register } = parts
  if (!(await register.hasUnproved(hash, principal.id))) return
  if (await mayPassOn(parts, principal, hash, note)) await register.prove(hash, principal.id)
}

async function mayPassOn(
  parts: BlobAccessParts,
  principal: Principal,
  hash: string,
  note: BlobNote,
): Promise<boolean> {
  if (note.by.includes(principal.id) || isAdmin(principal)) return true
  let looked = 0
  for await (const { room } of referencesThatCount(parts.register, hash, note)) {
    if (++looked > LOOKED_AT_MAX) break
    if (await ifReadable(parts, principal, room, () => true)) return true
  }
  return false
}

async function* referencesThatCount(
  register: BlobRegister,
  hash: string,
  { by }: BlobNote,
): AsyncGenerator<ReferenceNote> {
  yield* register.referencesTo(hash)
  // A moment after the commit they are among those.
  for (const sender of by) yield* register.unprovedTo(hash, sender)
}

function readableReference(
  parts: BlobAccessParts,
  principal: Principal,
  hash: string,
  note: BlobNote,
  { room: name, path }: ReferenceNote,
): Promise<BlobRef | null> {
  return ifReadable(parts, principal, name, (type, room) => {
    for (const cell of room.guarded?.record.index.at(path) ?? []) {
      for (const { ref, rule } of referencesIn(type, path, cell.value)) {
        const isSame = ref.hash === hash && ref.bytes === note.bytes
        if (isSame && takesType(rule, ref.type, note.isExecutable) && isHonestType(ref.type, note)) return ref
      }
    }
    return null
  })
}

async function ifReadable<T>(
  { types, rooms }: BlobAccessParts,
  principal: Principal,
  name: string,
  look: (type: RecordType, room: Room) => T,
): Promise<T | null> {
  const type = types.get(parseRoomName(name)?.type ?? '')
  if (type === undefined) return null
  try {
    const room = await openCommitted(rooms(), name)
    return mayRead(type, room.id, () => room.row, senderOf(principal)) ? look(type, room) : null
  } catch (error) {
    // Of a record that is purged or damaged no file is shown.
    if (error instanceof RoomRefusal) return null
    throw error
  }
}
