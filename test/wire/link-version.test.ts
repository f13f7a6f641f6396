import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  LINK_LAYOUTS,
  LINK_VERSION,
  parseClientControl,
  parseServerControl,
  writeControl,
} from '../../shared/wire/link-control.ts'
import { linkDigest } from '../../shared/wire/link-digest.ts'
import { readLinkFrame, writeLinkFrame } from '../../shared/wire/link-frame.ts'
import { SYNC_MESSAGE_LAYOUTS } from '../../shared/wire/sync-message.ts'

/**
 * What each version of the link looks like. A change of a message fails here: if an old client or server would
 * misread it, raise LINK_VERSION and add a line; if it adds what old ones ignore, or takes away what none ever sent,
 * replace the fingerprint of the present version.
 */
const fingerprints: Readonly<Record<number, string>> = {
  1: '415e4e093a65e6dd',
}

describe('the link', () => {
  it('has the messages that its version says', () => {
    const layouts = JSON.stringify([LINK_LAYOUTS, SYNC_MESSAGE_LAYOUTS])
    expect(createHash('sha256').update(layouts).digest('hex').slice(0, 16)).toBe(fingerprints[LINK_VERSION])
  })

  it.each([1, 127, 128, 300, 2 ** 40])('frames a message on channel %i', channel => {
    const payload = Uint8Array.of(1, 2, 3)
    expect(readLinkFrame(writeLinkFrame(channel, payload))).toEqual({ channel, payload })
  })

  it.each([[[]], [[200]], [[255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]]])(
    'takes %j for no frame',
    bytes => {
      expect(readLinkFrame(Uint8Array.from(bytes))).toBeNull()
    },
  )

  it('drops keys it does not know, and leaves names it does not know to others', () => {
    expect(parseClientControl(writeControl({ t: 'ping', n: 1, later: true }))).toEqual({ t: 'ping', n: 1 })
    const other = { t: 'sub', id: 1 }
    expect(parseServerControl(writeControl(other))).toEqual({ t: 'other', name: 'sub', body: other })
    expect(parseClientControl(writeControl({ t: 'constructor' }))).toMatchObject({ t: 'other' })
  })

  it.each([
    ['{"t":"ping"}', 'n must be a whole number from 0 up'],
    ['{"t":"ping","n":-1}', 'n must be a whole number from 0 up'],
    ['{"t":"ping","n":1.5}', 'n must be a whole number from 0 up'],
    ['{"t":"open","channels":[{"channel":1}]}', 'channels[0].room must be a text of at most 1000 characters'],
    ['{"t":"open","channels":{}}', 'channels must be a list of at most 100000'],
    ['{"t":"hello","version":1,"token":7}', 'token must be a text of at most 16384 characters'],
    [
      '{"t":"open","channels":[{"channel":1,"room":"a:1","epoch":null}]}',
      'channels[0].epoch must be a text of at most 100 characters',
    ],
    ['[]', 'the message must have a name in t'],
    ['{"t":7}', 'the message must have a name in t'],
    ['{', 'the message must be JSON'],
    ['\xff', 'the message must be JSON'],
  ])('refuses %s and says what is wrong', (text, problem) => {
    expect(parseClientControl(Buffer.from(text, 'latin1'))).toEqual({ t: 'malformed', problem })
  })

  it('has a digest that any one difference changes, and the order does not', () => {
    const pairs = Array.from({ length: 1_000 }, (_, i) => [i + 1, i * 7] as const)
    const digest = linkDigest(pairs)
    expect(linkDigest([...pairs].reverse())).toBe(digest)
    const digests = new Set(
      pairs.map((_, at) => linkDigest(pairs.map(([id, v], i) => [id, i === at ? v + 1 : v] as const))),
    )
    expect(digests.size).toBe(1_000)
    expect(digests.has(digest)).toBe(false)
    expect(linkDigest([[1, 2 ** 33]])).not.toBe(linkDigest([[1, 0]]))
  })
})
