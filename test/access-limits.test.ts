import { describe, expect, it } from 'vitest'
import { addressBlock, createClientAddresses, networkProblem } from '../server/access/client-address.ts'
import { defaultLimits, limitNames, limitTable, liftedLimits, parseLimits } from '../server/access/limits.ts'
import { RateGate } from '../server/link/rate-gate.ts'
import { isOriginAllowed, originProblem } from '../server/access/origin.ts'
import { createSocketCounter } from '../server/access/socket-counter.ts'
import { createTokenBucket } from '../server/access/token-bucket.ts'

describe('the table of limits', () => {
  it('gives each a default, a unit and a reason', () => {
    for (const name of limitNames) {
      const { fallback, unit, why } = limitTable[name]
      expect(fallback, name).toBeGreaterThan(0)
      expect(unit, name).not.toBe('')
      expect(why, name).toMatch(/^[A-Z].{20,}\.$/)
    }
  })

  it('is set by name, with k, m and g for bytes', () => {
    const parsed = parseLimits('updatesPerSecond=500, cellBytes=128k')
    expect(parsed).toEqual({
      ok: true,
      limits: { ...defaultLimits, updatesPerSecond: 500, cellBytes: 131_072 },
    })
  })

  it('loses with none what is of rate and number, and keeps what the guard relies on', () => {
    const parsed = parseLimits('none')
    expect(parsed).toEqual({ ok: true, limits: liftedLimits })
    expect(liftedLimits.updatesPerSecond).toBe(Infinity)
    expect(liftedLimits.socketsPerAddress).toBe(Infinity)
    expect(liftedLimits.messageBytes).toBe(defaultLimits.messageBytes)
    expect(liftedLimits.clockAheadMs).toBe(defaultLimits.clockAheadMs)
    expect(parseLimits('none,socketsPerAddress=7')).toMatchObject({ limits: { socketsPerAddress: 7 } })
    expect(parseLimits('socketsPerAddress=none')).toMatchObject({ limits: { socketsPerAddress: Infinity } })
  })

  it.each([
    'cellBytes=none',
    'cellBytes=',
    'cellBytes=-1',
    'cellBytes=0',
    'cellBytes=1e3',
    'cellBytes',
    'nothing=5',
    'x',
    '__proto__=5',
  ])('refuses «%s» with a sentence', text => {
    const parsed = parseLimits(text)
    expect(parsed.ok ? '' : parsed.problem).toMatch(/\S.*[.?]$/)
  })

  it('says what was meant when only the letters’ size is wrong', () => {
    expect(parseLimits('cellbytes=5')).toMatchObject({ problem: expect.stringContaining('cellBytes') })
  })
})

describe('a rate', () => {
  it('lets a burst through, then so many a second, and takes nothing for what it holds back', () => {
    let now = 0
    const bucket = createTokenBucket({ perSecond: 10, burst: 3 }, () => now)
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, true, false])
    expect(bucket.waitMs()).toBe(100)
    now = 99
    expect(bucket.take()).toBe(false)
    now = 100
    expect(bucket.take()).toBe(true)
    now = 60_000
    expect(bucket.waitMs(3)).toBe(0)
    expect(bucket.take(4)).toBe(false)
    expect(bucket.take(3)).toBe(true)
  })

  it('survives a clock that is set back', () => {
    let now = 1_000_000
    const bucket = createTokenBucket({ perSecond: 10, burst: 1 }, () => now)
    bucket.take()
    now = 0
    expect(bucket.take()).toBe(false)
    now = 100
    expect(bucket.take()).toBe(true)
  })

  it('that is lifted holds nothing back', () => {
    const bucket = createTokenBucket({ perSecond: Infinity, burst: Infinity }, () => 0)
    expect(bucket.take(1e9)).toBe(true)
  })
})

describe('what a connection may ask in a time', () => {
  const step1 = Uint8Array.of(0, 0, 1, 0)
  const update = Uint8Array.of(0, 2, 2, 0, 0)
  const presence = Uint8Array.of(1, 1, 0)
  const few = { messagesPerSecond: 1e6, updatesPerSecond: 1e6, updateBurst: 1e6, fullStatesPerMinute: 1e6 }

  it.each([
    ['messagesPerSecond', presence, { messagesPerSecond: 3, updateBurst: 3 }, 334],
    ['updatesPerSecond and updateBurst', update, { updatesPerSecond: 2, updateBurst: 3 }, 500],
    ['fullStatesPerMinute', step1, { fullStatesPerMinute: 3 }, 20_000],
  ])('is held to %s, on a socket of one record and on a link', (_, message, limits, waitMs) => {
    for (const hasChannels of [false, true]) {
      let now = 0
      const gate = new RateGate({ ...few, ...limits }, hasChannels, () => now)
      const bytes = hasChannels ? Uint8Array.of(200, 1, ...message) : message
      for (let i = 0; i < 3; i++) expect(gate.waitMs(bytes)).toBe(0)
      expect(Math.abs(gate.waitMs(bytes) - waitMs)).toBeLessThan(2)
      now += waitMs
      expect(gate.waitMs(bytes)).toBe(0)
      expect(gate.waitMs(bytes)).toBeGreaterThan(0)
    }
  })
})

describe('the address of a client', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    // Only these two are read of a request.
    ({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as Parameters<ReturnType<typeof createClientAddresses>['of']>[0]

  it('is the socket’s, whatever a header says, where no proxy is named', () => {
    const addresses = createClientAddresses([])
    expect(addresses.of(request('203.0.113.9', '1.2.3.4'))).toBe('203.0.113.9')
    expect(addresses.of(request('::ffff:203.0.113.9'))).toBe('203.0.113.9')
  })

  it('is the last one that a named proxy did not write', () => {
    const addresses = createClientAddresses(['10.0.0.0/8', '::1'])
    expect(addresses.of(request('10.1.2.3', '1.2.3.4'))).toBe('1.2.3.4')
    expect(addresses.of(request('10.1.2.3', '6.6.6.6, 1.2.3.4, 10.9.9.9'))).toBe('1.2.3.4')
    expect(addresses.of(request('192.0.2.1', '1.2.3.4'))).toBe('192.0.2.1')
    expect(addresses.of(request('::1', '2001:db8::7'))).toBe('2001:db8::7')
    expect(addresses.of(request('10.1.2.3', '1.2.3.4:5678'))).toBe('1.2.3.4')
    expect(addresses.of(request('10.1.2.3', 'nonsense'))).toBe('10.1.2.3')
    expect(addresses.of(request('10.1.2.3'))).toBe('10.1.2.3')
  })

  it('counts as its whole /64 in IPv6', () => {
    expect(addressBlock('2001:db8:1:2:3:4:5:6')).toBe(addressBlock('2001:db8:1:2::9'))
    expect(addressBlock('2001:db8:1:2::1')).not.toBe(addressBlock('2001:db8:1:3::1'))
    expect(addressBlock('::1')).toBe('0:0:0:0::/64')
    expect(addressBlock('192.0.2.7')).toBe('192.0.2.7')
  })

  it.each(['10.0.0.0/33', '10.0.0.0/', 'example.com', '::1/129', '10.0.0.0/8/8', ''])(
    'refuses the proxy «%s»',
    network => {
      expect(networkProblem(network)).not.toBeNull()
    },
  )

  it.each(['10.0.0.0/8', '10.1.2.3', '::1', 'fd00::/8', 'loopback', 'private'])(
    'takes the proxy «%s»',
    network => {
      expect(networkProblem(network)).toBeNull()
    },
  )
})

describe('sockets of one address', () => {
  it('are so many and no more, until one leaves, which it does once', () => {
    const counter = createSocketCounter(2)
    const leave = counter.enter('a')
    expect(counter.enter('a')).not.toBeNull()
    expect(counter.enter('a')).toBeNull()
    expect(counter.enter('b')).not.toBeNull()
    leave?.()
    leave?.()
    expect(counter.enter('a')).not.toBeNull()
    expect(counter.enter('a')).toBeNull()
  })
})

describe('the origin of a page', () => {
  const from = (origin?: string) => ({
    headers: { host: 'desk.example:8080', ...(origin === undefined ? {} : { origin }) },
  })

  it('may be the server’s own, a named one, or none at all', () => {
    expect(isOriginAllowed(from('http://desk.example:8080'), [])).toBe(true)
    expect(isOriginAllowed(from(), [])).toBe(true)
    expect(isOriginAllowed(from('https://app.example'), ['https://app.example'])).toBe(true)
    expect(isOriginAllowed(from('https://any.example'), ['*'])).toBe(true)
    expect(isOriginAllowed(from('null'), ['null'])).toBe(true)
  })

  it.each([
    'http://evil.example',
    'http://desk.example',
    'http://desk.example:8080.evil.example',
    'null',
    'rubbish',
  ])('may not be %s', origin => {
    expect(isOriginAllowed(from(origin), ['https://app.example'])).toBe(false)
  })

  it('is named as browsers send it', () => {
    for (const good of ['https://app.example', 'http://localhost:5173', '*', 'null', 'app://desk']) {
      expect(originProblem(good), good).toBeNull()
    }
    for (const bad of [
      'https://app.example/',
      'app.example',
      'https://app.example/path',
      'HTTPS://app.example',
      '',
    ]) {
      expect(originProblem(bad), bad).not.toBeNull()
    }
  })
})
