import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DirectPeer, person } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

describe('a name that cannot be stored', () => {
  let server: RoomServer
  beforeEach(async () => {
    server = new RoomServer([Ticket], { untyped: true })
    await server.start()
  })
  afterEach(() => server.close())

  it.each(['ticket:\0', 'ticket:1\0b', 'ticket:a\nb', 'ticket:\ud800', 'free\u0001', 'x'.repeat(1025)])(
    'is refused at the door, not when the first edit is to be saved: %j',
    async name => {
      await expect(new DirectPeer(person('ana')).join(server, name)).rejects.toMatchObject({
        code: 'BAD_ROOM_NAME',
      })
      expect(server.rooms.get(name)).toBeUndefined()
    },
  )

  it('is not one with spaces, slashes and letters of any script', async () => {
    const peer = await new DirectPeer(person('ana')).join(server, 'ticket:a b/ć:№ 1')
    expect(peer.membership).not.toBeNull()
  })
  it.each(['ticket:..', 'ticket:a~b', 'ticket:'])(
    'is one that no record of its type could have, and no free room beside the type: %j',
    async name => {
      await expect(new DirectPeer(person('ana')).join(server, name)).rejects.toMatchObject({
        code: 'BAD_ROOM_NAME',
      })
    },
  )

  it.each(['ticket', 'other:..'])('is not one that names no type: %j', async name => {
    const peer = await new DirectPeer(person('ana')).join(server, name)
    expect(peer.membership).not.toBeNull()
  })
})
