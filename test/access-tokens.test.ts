import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { type Authenticator, createAuthenticator } from '../server/access/authenticate.ts'
import { mintToken } from '../server/access/mint-token.ts'
import { createKeySet } from '../server/access/key-set.ts'
import { isAdmin, isAnonymous } from '../server/access/principal.ts'
import {
  createRevocations,
  type Revocation,
  type RevocationMemory,
  type Revocations,
} from '../server/access/revocations.ts'
import { createSessions } from '../server/access/sessions.ts'
import { redactUrl, tokenOfRequest, tokenProtocolPrefix } from '../server/access/token-of-request.ts'
import { createTokenVerifier, type TokenKey, type TokenRules } from '../server/access/tokens.ts'

const secret = 'a secret of more than thirty-two characters'
const noon = Date.UTC(2026, 4, 4, 12)
const forgetful: RevocationMemory = { load: async () => [], save: async () => {} }

function verifierFor(keys: readonly TokenKey[], rules: Partial<TokenRules> = {}) {
  return createTokenVerifier({
    keys,
    clockToleranceSeconds: 30,
    rolesClaim: 'roles',
    now: () => noon,
    ...rules,
  })
}

function signed(
  claims: Record<string, unknown>,
  alg: string,
  key: KeyObject | Uint8Array,
  kid?: string,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) }).sign(key)
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe('a token by a shared secret', () => {
  const verifier = verifierFor([{ kind: 'secret', secret }])

  it('makes a person of sub, name, roles and every other claim', async () => {
    const token = await mintToken(
      secret,
      {
        sub: 'ana',
        name: 'Ana Anić',
        roles: ['dispatcher'],
        claims: { warehouse: 'zg' },
        lifetimeSeconds: 60,
      },
      () => noon,
    )
    const verified = await verifier.verify(token)
    expect(verified).toMatchObject({
      ok: true,
      principal: {
        id: 'ana',
        name: 'Ana Anić',
        roles: ['dispatcher'],
        claims: { warehouse: 'zg' },
        expiresAt: noon + 60_000,
      },
    })
  })

  it('counts until its expiry and the tolerance for clocks, and not after', async () => {
    const ago = (seconds: number) =>
      signed({ sub: 'ana', exp: noon / 1000 - seconds }, 'HS256', bytesOf(secret))
    expect(await verifier.verify(await ago(29))).toMatchObject({ ok: true })
    expect(await verifier.verify(await ago(31))).toMatchObject({ ok: false, code: 'TOKEN_EXPIRED' })
  })

  it('by the secret before counts beside the one that followed it, and what it lacks is told', async () => {
    const earlier = 'the secret that was there before this one'
    const keys = [secret, earlier].map(one => ({ kind: 'secret', secret: one }) as const)
    const both = verifierFor(keys, { issuer: 'us' })
    for (const one of [secret, earlier]) {
      const by = (claims: object) => signed({ sub: 'ana', iss: 'us', ...claims }, 'HS256', bytesOf(one))
      expect(await both.verify(await by({}))).toMatchObject({ ok: true })
      expect(await both.verify(await by({ exp: 1 }))).toMatchObject({ code: 'TOKEN_EXPIRED' })
      expect(await both.verify(await by({ iss: 'them' }))).toMatchObject({
        reason: expect.stringContaining('«iss»'),
      })
    }
    expect(await verifier.verify(await signed({ sub: 'ana' }, 'HS256', bytesOf(earlier)))).toMatchObject({
      code: 'TOKEN_INVALID',
    })
  })

  it('is refused when another secret signed it, when it is cut, and when it is no token', async () => {
    const foreign = await signed({ sub: 'ana' }, 'HS256', bytesOf('another secret of thirty-two characters!'))
    const good = await signed({ sub: 'ana' }, 'HS256', bytesOf(secret))
    for (const token of [foreign, good.slice(0, -2), 'not.a.token', '', 'x'.repeat(20_000)]) {
      expect(await verifier.verify(token)).toMatchObject({ ok: false, code: 'TOKEN_INVALID' })
    }
  })

  it('is refused when it says that it needs no signature', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    expect(await verifier.verify(`${part({ alg: 'none' })}.${part({ sub: 'ana' })}.`)).toMatchObject({
      ok: false,
    })
  })

  it.each([
    ['without a sub', {}],
    ['with an empty sub', { sub: '' }],
    ['with a sub of the server', { sub: '$server' }],
    ['with the id that anonymous people share', { sub: 'anonymous' }],
    ['with an id that an anonymous person can take', { sub: 'anonymous:Ana' }],
    ['with a sub that is no well-formed text', { sub: 'a\ud800' }],
    ['with a sub that is no text', { sub: 7 }],
  ])('is refused %s', async (_what, claims) => {
    expect(await verifier.verify(await signed(claims, 'HS256', bytesOf(secret)))).toMatchObject({ ok: false })
  })

  it('that is not valid yet is refused', async () => {
    const token = await signed({ sub: 'ana', nbf: noon / 1000 + 60 }, 'HS256', bytesOf(secret))
    expect(await verifier.verify(token)).toMatchObject({ ok: false, code: 'TOKEN_INVALID' })
  })

  it('is held to issuer and audience when the settings name them', async () => {
    const strict = verifierFor([{ kind: 'secret', secret }], {
      issuer: 'https://id.example',
      audience: 'corecord',
    })
    const claims = { sub: 'ana', iss: 'https://id.example', aud: 'corecord' }
    expect(await strict.verify(await signed(claims, 'HS256', bytesOf(secret)))).toMatchObject({ ok: true })
    for (const wrong of [{ ...claims, aud: 'other' }, { ...claims, iss: 'x' }, { sub: 'ana' }]) {
      expect(await strict.verify(await signed(wrong, 'HS256', bytesOf(secret)))).toMatchObject({ ok: false })
    }
  })

  it('gives the roles from where the settings say they stand', async () => {
    const rolesOf = async (rolesClaim: string, claims: object) => {
      const verifying = verifierFor([{ kind: 'secret', secret }], { rolesClaim })
      const verified = await verifying.verify(
        await signed({ sub: 'ana', ...claims }, 'HS256', bytesOf(secret)),
      )
      return verified.ok ? verified.principal.roles : verified
    }
    expect(await rolesOf('realm_access.roles', { realm_access: { roles: ['a', 'b'] } })).toEqual(['a', 'b'])
    expect(await rolesOf('scope', { scope: 'read write' })).toEqual(['read', 'write'])
    expect(await rolesOf('https://x.example/roles', { 'https://x.example/roles': ['c'] })).toEqual(['c'])
    expect(await rolesOf('roles', { roles: ['ok', 7, null, ''] })).toEqual(['ok'])
    expect(await rolesOf('constructor.name', {})).toEqual([])
    expect(await rolesOf('roles', {})).toEqual([])
  })
})

describe('a token by a public key', () => {
  const pairs = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    EdDSA: generateKeyPairSync('ed25519'),
  }
  const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()

  it.each(Object.entries(pairs))('counts when signed with %s', async (alg, { publicKey, privateKey }) => {
    const verifier = verifierFor([{ kind: 'publicKey', pem: pemOf(publicKey) }])
    expect(await verifier.verify(await signed({ sub: 'ana' }, alg, privateKey))).toMatchObject({ ok: true })
    const other = generateKeyPairSync('ed25519').privateKey
    expect(await verifier.verify(await signed({ sub: 'ana' }, 'EdDSA', other))).toMatchObject({ ok: false })
  })

  it('is refused when it was signed with the public key as if that were a secret', async () => {
    const pem = pemOf(pairs.RS256.publicKey)
    const forged = await signed({ sub: 'ana', roles: ['admin'] }, 'HS256', bytesOf(pem))
    expect(await verifierFor([{ kind: 'publicKey', pem }]).verify(forged)).toMatchObject({ ok: false })
  })

  it('stops the start when the key is a private one or none at all', () => {
    const pem = pairs.RS256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(() => verifierFor([{ kind: 'publicKey', pem }])).toThrow(/private key/)
    expect(() => verifierFor([{ kind: 'publicKey', pem: 'hello' }])).toThrow(/Not a PEM public key/)
  })

  it('may be one kind of several: each key of the settings is tried', async () => {
    const verifier = verifierFor([
      { kind: 'publicKey', pem: pemOf(pairs.ES256.publicKey) },
      { kind: 'secret', secret },
    ])
    expect(await verifier.verify(await signed({ sub: 'a' }, 'ES256', pairs.ES256.privateKey))).toMatchObject({
      ok: true,
    })
    expect(await verifier.verify(await signed({ sub: 'a' }, 'HS256', bytesOf(secret)))).toMatchObject({
      ok: true,
    })
  })
})

describe('a token by a key set behind a URL', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let provider: Server | undefined
  /** Null: it hangs. */
  let answer: () => { status: number; body: string } | null = () => ({ status: 500, body: '' })
  const keysAt = (url: URL): TokenKey => ({ kind: 'jwks', keySet: createKeySet({ url, pauseMs: 0 }) })

  async function startProvider(): Promise<URL> {
    provider = createServer((_request, response) => {
      const said = answer()
      if (said === null) return
      response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body)
    })
    await new Promise<void>(resolve => provider?.listen(0, '127.0.0.1', resolve))
    // A listening TCP server's address is always of this form.
    return new URL(`http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`)
  }

  afterEach(() => {
    answer = () => ({ status: 500, body: '' })
    provider?.close()
    provider?.closeAllConnections()
  })

  async function keySet(kid: string): Promise<string> {
    return JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }] })
  }

  it('counts when a key of the set signed it', async () => {
    const body = await keySet('one')
    answer = () => ({ status: 200, body })
    const verifier = verifierFor([keysAt(await startProvider())])
    expect(
      await verifier.verify(await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'one')),
    ).toMatchObject({ ok: true })
    const unknown = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    for (const kid of ['one', 'two']) {
      const forged = await signed({ sub: 'ana' }, 'ES256', unknown, kid)
      expect(await verifier.verify(forged)).toMatchObject({ ok: false, code: 'TOKEN_INVALID' })
    }
  })

  it('is asked to try again, and not refused for good, while the set was never reached', async () => {
    const url = await startProvider()
    const verifier = verifierFor([keysAt(url)])
    const token = await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'one')
    expect(await verifier.verify(token)).toMatchObject({ ok: false, code: 'TOKEN_KEYS_UNREACHABLE' })
    for (const body of ['not json', '{"keys":"none"}']) {
      answer = () => ({ status: 200, body })
      expect(await verifier.verify(token)).toMatchObject({ ok: false, code: 'TOKEN_KEYS_UNREACHABLE' })
    }
  })

  it('counts by each of two keys that have no name', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const [old, young] = [await exportJWK(pair.publicKey), await exportJWK(other.publicKey)]
    answer = () => ({ status: 200, body: JSON.stringify({ keys: [old, young] }) })
    const verifier = verifierFor([keysAt(await startProvider())])
    for (const { privateKey } of [pair, other])
      expect(await verifier.verify(await signed({ sub: 'ana' }, 'ES256', privateKey))).toMatchObject({
        ok: true,
      })
    const unknown = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    expect(await verifier.verify(await signed({ sub: 'ana' }, 'ES256', unknown))).toMatchObject({
      code: 'TOKEN_INVALID',
    })
  })

  it('still counts after the provider went down, or hangs, and the operator is told', async () => {
    const body = await keySet('one')
    answer = () => ({ status: 200, body })
    const told: (string | null)[] = []
    const keys = createKeySet({ url: await startProvider(), maxAgeMs: 0, told: reason => told.push(reason) })
    expect(keys.problem()).toContain('is not read yet')
    const verifier = verifierFor([{ kind: 'jwks', keySet: keys }])
    const token = await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'one')
    expect(await verifier.verify(token)).toMatchObject({ ok: true })
    expect([keys.problem(), told]).toEqual([null, []])
    answer = () => ({ status: 503, body: '' })
    expect(await verifier.verify(token)).toMatchObject({ ok: true })
    expect(told).toEqual(['Expected 200 OK from the JSON Web Key Set HTTP response'])
    answer = () => null
    expect(await verifier.verify(token)).toMatchObject({ ok: true })
    expect(keys.problem()).toBeNull()
  })

  it('comes in as soon as the provider is up, and until then the server says why nobody does', async () => {
    const url = await startProvider()
    const keys = createKeySet({ url, pauseMs: 0 })
    const stop = keys.start()
    while (keys.problem()?.includes('200 OK') !== true) await new Promise(resolve => setImmediate(resolve))
    const body = await keySet('one')
    answer = () => ({ status: 200, body })
    const token = await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'one')
    const verifier = verifierFor([{ kind: 'jwks', keySet: keys }])
    expect(await verifier.verify(token)).toMatchObject({ ok: true })
    expect(keys.problem()).toBeNull()
    stop()
  })

  it('makes the server ask the provider no more often than it may, whatever keys tokens name', async () => {
    const body = await keySet('one')
    let asked = 0
    const said = (status: number) => () => {
      asked++
      return { status, body }
    }
    answer = said(500)
    const url = await startProvider()
    const token = await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'one')
    const forged = await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'made up')
    const patient = verifierFor([{ kind: 'jwks', keySet: createKeySet({ url, pauseMs: 600_000 }) }])
    for (const sent of [token, forged, token])
      expect(await patient.verify(sent)).toMatchObject({ code: 'TOKEN_KEYS_UNREACHABLE' })
    expect(asked).toBe(1)
    answer = said(200)
    const other = verifierFor([{ kind: 'jwks', keySet: createKeySet({ url, pauseMs: 600_000 }) }])
    for (const sent of [token, forged, token, forged])
      expect(await other.verify(sent)).toMatchObject({ ok: sent === token })
    expect(asked).toBe(2)
  })

  it('tells the operator that the keys can be read again by the next read, and not when they are old', async () => {
    const body = await keySet('one')
    answer = () => ({ status: 200, body })
    const told: (string | null)[] = []
    const keys = createKeySet({
      url: await startProvider(),
      pauseMs: 0,
      told: reason => told.push(reason),
    })
    const verifier = verifierFor([{ kind: 'jwks', keySet: keys }])
    const token = await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'one')
    const byNew = await signed({ sub: 'ana' }, 'ES256', pair.privateKey, 'new')
    expect(await verifier.verify(token)).toMatchObject({ ok: true })
    answer = () => ({ status: 503, body: '' })
    expect(await verifier.verify(byNew)).toMatchObject({ code: 'TOKEN_KEYS_UNREACHABLE' })
    expect(told).toHaveLength(1)
    answer = () => ({ status: 200, body })
    while (told.length === 1) expect(await verifier.verify(token)).toMatchObject({ ok: true })
    expect(told.slice(1)).toEqual([null])
  })
})

describe('where a token is looked for', () => {
  it('is the header, then the subprotocol, then the query', () => {
    const url = '/sync/ticket:1?token=q'
    const protocols = `corecord, ${tokenProtocolPrefix}p`
    expect(
      tokenOfRequest({ url, headers: { authorization: 'Bearer h', 'sec-websocket-protocol': protocols } }),
    ).toBe('h')
    expect(tokenOfRequest({ url, headers: { 'sec-websocket-protocol': protocols } })).toBe('p')
    expect(tokenOfRequest({ url, headers: {} })).toBe('q')
    expect(tokenOfRequest({ url: '/sync/ticket:1?token=', headers: { authorization: 'Basic x' } })).toBeNull()
  })

  it('is not what a log shows', () => {
    expect(redactUrl('/link?a=1&token=ey.x.y&b=2')).toBe('/link?a=1&token=…&b=2')
    expect(redactUrl('/link?access_token=ey.x.y')).not.toContain('ey')
    expect(redactUrl('/link?TOKEN=ey.x.y#z')).not.toContain('ey')
    expect(redactUrl('/x/eyJhb-G.eyJz.s_g/y?auth=Bearer%20eyJhb.eyJz.sig&b=v1-eyJa.b.c')).toBe(
      '/x/…/y?auth=Bearer%…&b=…',
    )
    expect(redactUrl('/assets/eyJ-a.js?v=1.2.3')).toBe('/assets/eyJ-a.js?v=1.2.3')
  })

  it('is looked for once in an address, however often it seems to begin in it', () => {
    // By pairs of beginnings and ends it would take half an hour.
    const url = `/?${'eyJ-'.repeat(500_000)}`
    expect(redactUrl(url)).toBe(url)
  })
})

/** By one clock, which tells what has passed, too. */
const revocationsBy = (memory: RevocationMemory, now: () => number): Revocations =>
  createRevocations(memory, now, now)

describe('who comes in', () => {
  const request = (url: string, authorization?: string) =>
    // The authenticator reads only these two of a request.
    ({ url, headers: authorization === undefined ? {} : { authorization } }) as Parameters<
      Authenticator['request']
    >[0]

  function authenticatorFor(anonymous: boolean) {
    const revocations = revocationsBy(forgetful, () => noon)
    const verifier = verifierFor([{ kind: 'secret', secret }])
    return { revocations, authenticator: createAuthenticator({ verifier, anonymous, revocations }) }
  }

  it('is nobody without a token', async () => {
    const { authenticator } = authenticatorFor(false)
    expect(await authenticator.request(request('/?name=Ana'))).toMatchObject({
      ok: false,
      code: 'TOKEN_MISSING',
    })
  })

  it('is anybody where anonymous people are let in, each name one person, and a token still counts', async () => {
    const { authenticator } = authenticatorFor(true)
    const named = await authenticator.request(request('/?name=Ana'))
    expect(named).toMatchObject({ ok: true, principal: { id: 'anonymous:Ana', name: 'Ana', roles: [] } })
    expect(named.ok && isAnonymous(named.principal)).toBe(true)
    expect(await authenticator.request(request('/?name=Ana'))).toEqual(named)
    expect(await authenticator.request(request('/'))).toMatchObject({ principal: { id: 'anonymous' } })
    const token = await mintToken(secret, { sub: 'ana', roles: ['admin'], lifetimeSeconds: 60 }, () => noon)
    const known = await authenticator.request(request('/', `Bearer ${token}`))
    expect(known.ok && isAdmin(known.principal)).toBe(true)
    expect(await authenticator.request(request('/?token=bad'))).toMatchObject({
      ok: false,
      code: 'TOKEN_INVALID',
    })
  })

  it('is not who was revoked: one token, or all of a person minted so far', async () => {
    const { authenticator, revocations } = authenticatorFor(false)
    const mint = (jti: string, at: number) =>
      mintToken(secret, { sub: 'ana', jti, lifetimeSeconds: null }, () => at)
    const [stolen, other, later] = await Promise.all([
      mint('a', noon),
      mint('b', noon),
      mint('c', noon + 1_000),
    ])
    await revocations.revoke({ jti: 'a' })
    expect(await authenticator.token(stolen)).toMatchObject({ ok: false, code: 'TOKEN_REVOKED' })
    expect(await authenticator.token(other)).toMatchObject({ ok: true })
    await revocations.revoke({ sub: 'ana' })
    expect(await authenticator.token(other)).toMatchObject({ ok: false, code: 'TOKEN_REVOKED' })
    expect(await authenticator.token(later)).toMatchObject({ ok: true })
  })

  it('is nobody who was revoked by a clock behind that of who minted, or set back since the last time', async () => {
    const clock = { now: noon }
    const saved: Revocation[] = []
    const memory = {
      load: async () => saved.slice(-1),
      save: async (one: Revocation) => void saved.push(one),
    }
    const revocations = revocationsBy(memory, () => clock.now)
    const verifier = verifierFor([{ kind: 'secret', secret }])
    const authenticator = createAuthenticator({ verifier, anonymous: false, revocations })
    const mint = (sub: string, at: number) => mintToken(secret, { sub, lifetimeSeconds: null }, () => at)
    const [ahead, later] = [await mint('ana', noon + 20_000), await mint('ana', noon + 21_000)]
    expect(await authenticator.token(ahead)).toMatchObject({ ok: true })
    await revocations.revoke({ sub: 'ana' })
    expect(await authenticator.token(ahead)).toMatchObject({ code: 'TOKEN_REVOKED' })
    expect(await authenticator.token(later)).toMatchObject({ ok: true })

    const older = await mint('ivo', noon - 20_000)
    await revocations.revoke({ sub: 'ivo' })
    clock.now -= 86_400_000
    await revocations.revoke({ sub: 'ivo' })
    const restarted = revocationsBy(memory, () => clock.now)
    await restarted.start()
    const again = createAuthenticator({ verifier, anonymous: false, revocations: restarted })
    expect(await again.token(older)).toMatchObject({ code: 'TOKEN_REVOKED' })
  })

  it('is out with a token that was never shown, where others have shown that the clock that mints is ahead', async () => {
    const clock = { now: noon }
    const revocations = revocationsBy(forgetful, () => clock.now)
    const verifier = verifierFor([{ kind: 'secret', secret }])
    const authenticator = createAuthenticator({ verifier, anonymous: false, revocations })
    const mint = (sub: string, at: number) => mintToken(secret, { sub, lifetimeSeconds: null }, () => at)
    const unseen = await mint('ana', noon + 299_600)
    clock.now += 5_000
    // Minted by a clock that is amiss altogether: it says nothing of the others.
    await authenticator.token(await mint('eva', noon + 365 * 86_400_000))
    await authenticator.token(await mint('ivo', noon + 305_400))
    await revocations.revoke({ sub: 'ana' })
    expect(await authenticator.token(unseen)).toMatchObject({ code: 'TOKEN_REVOKED' })
    clock.now += 2_000
    const later = await mint('ana', noon + 307_000)
    expect(await authenticator.token(later)).toMatchObject({ ok: true })
  })

  it('is let in again at once where the clock here was behind, and has been set since', async () => {
    const clock = { now: noon, passed: 0 }
    const revocations = createRevocations(
      forgetful,
      () => clock.now,
      () => clock.passed,
    )
    const verifier = verifierFor([{ kind: 'secret', secret }])
    const authenticator = createAuthenticator({ verifier, anonymous: false, revocations })
    const mint = (sub: string, at: number) => mintToken(secret, { sub, lifetimeSeconds: null }, () => at)
    await authenticator.token(await mint('ivo', noon + 600_000))
    clock.now += 601_000
    clock.passed += 1_000
    const before = await mint('ana', clock.now)
    await revocations.revoke({ sub: 'ana' })
    clock.now += 2_000
    clock.passed += 2_000
    expect(await authenticator.token(before)).toMatchObject({ code: 'TOKEN_REVOKED' })
    expect(await authenticator.token(await mint('ana', clock.now))).toMatchObject({ ok: true })
  })

  it('is out with what was shown before the clock here was set back', async () => {
    const clock = { now: noon }
    const revocations = revocationsBy(forgetful, () => clock.now)
    const verifier = verifierFor([{ kind: 'secret', secret }])
    const authenticator = createAuthenticator({ verifier, anonymous: false, revocations })
    const token = await mintToken(secret, { sub: 'ana', lifetimeSeconds: null }, () => noon)
    await authenticator.token(token)
    clock.now -= 3_600_000
    await revocations.revoke({ sub: 'ana' })
    expect(await authenticator.token(token)).toMatchObject({ code: 'TOKEN_REVOKED' })
  })

  it('stays revoked after a restart', async () => {
    const memory = {
      kept: [],
      load: async () => [{ kind: 'person' as const, sub: 'ana', at: noon }],
      save: async () => {},
    }
    const revocations = revocationsBy(memory, () => noon)
    await revocations.start()
    const ana = { id: 'ana', name: 'Ana', roles: [], claims: {}, expiresAt: null }
    expect(revocations.isRevoked(ana)).toBe(true)
    expect(revocations.isRevoked({ ...ana, claims: { iat: noon / 1000 + 1 } })).toBe(false)
  })
})

describe('a live session', () => {
  function sessionsAt(clock: { now: number }) {
    const revocations = revocationsBy(forgetful, () => clock.now)
    const sweeps: (() => void)[] = []
    const sessions = createSessions({
      revocations,
      clockToleranceSeconds: 30,
      now: () => clock.now,
      every: (_ms, sweep) => {
        sweeps.push(sweep)
        return () => sweeps.splice(0)
      },
    })
    const ended: string[] = []
    const add = (id: string, expiresAt: number | null) =>
      sessions.add({
        principal: { id, name: id, roles: [], claims: { jti: `jti-${id}` }, expiresAt },
        end: code => ended.push(`${id} ${code}`),
      })
    return { revocations, sessions, sweep: () => sweeps[0]?.(), ended, add }
  }

  it('ends when its token is revoked, and nobody else’s does', async () => {
    const { revocations, ended, add, sessions } = sessionsAt({ now: noon })
    add('ana', null)
    add('ivo', null)
    await revocations.revoke({ jti: 'jti-ana' })
    expect(ended).toEqual(['ana TOKEN_REVOKED'])
    expect(sessions.size).toBe(1)
    await revocations.revoke({ sub: 'ivo' })
    expect(ended).toEqual(['ana TOKEN_REVOKED', 'ivo TOKEN_REVOKED'])
  })

  it('ends when its token expires, unless it was renewed', () => {
    const clock = { now: noon }
    const { sweep, ended, add } = sessionsAt(clock)
    add('ana', noon + 60_000)
    const ivo = add('ivo', noon + 60_000)
    add('eva', null)
    clock.now += 91_000
    ivo.renewed({ id: 'ivo', name: 'ivo', roles: [], claims: {}, expiresAt: noon + 3_600_000 })
    sweep()
    expect(ended).toEqual(['ana TOKEN_EXPIRED'])
  })
})
