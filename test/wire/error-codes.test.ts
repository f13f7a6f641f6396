import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  closeCodes,
  closeReason,
  errorCodes,
  isErrorCode,
  parseCloseReason,
} from '../../shared/wire/error-codes.ts'

const entries = Object.entries(errorCodes)

const program = ['server', 'shared', 'client'].flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file) && !/error-codes|refusal-sentences|template/.test(file))
    .map(file => readFileSync(join(folder, file), 'utf8')),
)

describe('an error code', () => {
  it.each(entries)('%s is said by something: nobody has to be ready for what never comes', code => {
    const word = new RegExp(`\\b${code}\\b`)
    expect(program.some(text => word.test(text))).toBe(true)
  })

  it.each(entries)('%s says what to do, and closes as y-websocket understands it', (_code, entry) => {
    expect(entry.sentence).toMatch(/^[A-Z].{10,}\.$/)
    expect(entry.http).toBeGreaterThanOrEqual(400)
    if (entry.close === null) return
    expect(entry.close).toBeGreaterThanOrEqual(4400)
    // 4400–4499: the client gives up; CLOCK_AHEAD starts afresh under another client id instead.
    const isFinal = entry.close < 4500
    if (isFinal && entry.retry) expect(_code).toBe('CLOCK_AHEAD')
    if (!isFinal) expect(entry.retry).toBe(true)
  })

  it.each(entries)('%s is read back from the reason of a close frame', (code, { close, sentence }) => {
    if (!isErrorCode(code)) throw new Error('a key of the table')
    const reason = closeReason(code)
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
    const read = parseCloseReason(close ?? 4500, reason)
    expect(read?.code).toBe(code)
    expect(sentence.startsWith(read?.sentence ?? 'x')).toBe(true)
  })

  it('fits its close frame in any script', () => {
    const reason = closeReason('FORBIDDEN', '🔒ж'.repeat(100))
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
    // Throws on half a character.
    expect(encodeURIComponent(reason)).not.toBe('')
  })

  it('stands for every close code, also where the reason was lost', () => {
    for (const [close, code] of Object.entries(closeCodes)) {
      expect(errorCodes[code].close).toBe(Number(close))
      expect(parseCloseReason(Number(close), '')).toEqual({ code, sentence: errorCodes[code].sentence })
    }
    expect(parseCloseReason(4403, 'by somebody else')).toEqual({
      code: 'FORBIDDEN',
      sentence: 'by somebody else',
    })
    expect(parseCloseReason(1006, '')).toBeNull()
    expect(new Set(entries.flatMap(([, { close }]) => close ?? []))).toEqual(
      new Set(Object.keys(closeCodes).map(Number)),
    )
  })
})
