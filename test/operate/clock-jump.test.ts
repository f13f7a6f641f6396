import { describe, expect, it } from 'vitest'
import type { Principal } from '../../server/access/principal.ts'
import { TextPauses } from '../../server/event/text-pauses.ts'
import { RoomClosed } from '../../server/room/room-closed.ts'
import { PollPresence } from '../../server/sync/poll-presence.ts'
import { startServer, tokenFor } from '../operations-server.ts'

const HOUR_MS = 3_600_000

describe.each([
  ['back by an hour', -HOUR_MS],
  ['back by a day', -24 * HOUR_MS],
  ['ahead by an hour, and is put right', HOUR_MS],
])('when the clock of the server jumps %s', (_words, jumpMs) => {
  it('later edits stand', async () => {
    let offsetMs = 0
    const running = await startServer({ now: () => Date.now() + offsetMs })
    try {
      const patch = async (title: string): Promise<void> => {
        // Tokens go by the time of day: each is minted by the clock that stands then.
        const lifetimeSeconds = 48 * 3_600
        const headers = {
          authorization: `Bearer ${await tokenFor('ana', { lifetimeSeconds })}`,
          'content-type': 'application/json',
        }
        const known = await running.fetch('/api/records/note/1', { headers })
        const answer = await running.fetch('/api/records/note/1', {
          method: 'PATCH',
          headers: { ...headers, 'if-match': known.headers.get('etag') ?? '' },
          body: JSON.stringify({ title }),
        })
        expect(await answer.json()).toMatchObject({ record: { title }, conflicts: [] })
      }
      const headers = {
        authorization: `Bearer ${await tokenFor('ana')}`,
        'content-type': 'application/json',
      }
      const body = JSON.stringify({ id: '1', title: 'first' })
      expect((await running.fetch('/api/records/note', { method: 'POST', headers, body })).status).toBe(201)
      await patch('before the jump')
      offsetMs = jumpMs
      await patch('after the jump')
      offsetMs = 0
      await patch('put right')
    } finally {
      await running.close()
    }
  })
})

describe('when the clock of the server has been set back by an hour', () => {
  it('what was typed just before is told when its pause is over, and not an hour later', async () => {
    let [now, asked] = [Date.now(), 0]
    const waiting = JSON.stringify({ since: now, at: now, names: {}, fields: {} })
    const texts = new TextPauses({
      store: {
        readValues: async () => ({ values: [{ key: 'note:1', value: waiting }], next: null, damaged: [] }),
      },
      // It was begun anew, so it is asked again with each beat that finds it due.
      openRoom: async name => {
        asked++
        throw new RoomClosed(name)
      },
      now: () => now,
      pauseMs: 2,
      told() {},
      failed() {},
    })
    await texts.open()
    now -= HOUR_MS
    texts.start()
    await expect.poll(() => asked).toBeGreaterThan(3)
    await texts.close()
  })

  it('who was shown while polling, and comes no more, goes', async () => {
    let now = Date.now()
    const gone: string[] = []
    const door = {
      join: async (room: string) => ({ leave: () => void gone.push(room) }),
    }
    const polls = new PollPresence({ door: () => door as never, now: () => now })
    const ana: Principal = { id: 'ana', name: 'Ana', roles: [], claims: {}, expiresAt: null }
    await polls.show(ana, 'note:1', 1, { again: false } as never)
    now -= HOUR_MS
    polls.sweep()
    expect(gone).toEqual([])
    now += HOUR_MS / 60
    polls.sweep()
    expect(gone).toEqual(['note:1'])
    polls.close()
  })
})
