import { expect, it } from 'vitest'
import { SharedMessage } from '../../server/link/shared-message.ts'
import { Member, type MembersRoom } from '../../server/room/member.ts'
import type { Peer } from '../../server/room/peer.ts'
import { RoomMembers } from '../../server/room/room-members.ts'

const told: string[] = []
const room = {} as MembersRoom
const members = new RoomMembers()

const join = (id: string, onTold: () => void = () => {}): Member => {
  const peer = {
    wantsAcks: true,
    sendShared() {
      told.push(id)
      onTold()
    },
  } as unknown as Peer
  const member = new Member(room, peer, {} as Member['sender'], null, null)
  members.add(member)
  return member
}

it('tells everybody once, also those whose neighbours leave because they are told', () => {
  const leaving: Member[] = []
  for (let i = 0; i < 20; i++) {
    const leaves = i % 3 === 0 || i === 19
    const member: Member = join(`${i}`, () => {
      if (leaves) members.delete(member)
    })
    if (leaves) leaving.push(member)
  }
  members.send(new SharedMessage(new Uint8Array(1)), { except: null })
  expect(told.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`))
  expect(members.size).toBe(20 - leaving.length)
  expect(leaving.some(member => members.has(member))).toBe(false)
  // Who has left cannot leave again.
  expect(leaving.some(member => members.delete(member))).toBe(false)
  expect(new Set(members).size).toBe(members.size)
})
