import { describe, expect, it } from 'vitest'
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
