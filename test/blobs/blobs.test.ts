import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBlobFiles } from '../../server/blob/blob-files.ts'
import { BlobRegister } from '../../server/blob/blob-register.ts'
import { collectBlobs } from '../../server/blob/collect-blobs.ts'
import { createThumbnails } from '../../server/blob/thumbnails.ts'
import { uploadId, Uploads } from '../../server/blob/uploads.ts'
import { verifyBlobs } from '../../server/blob/verify-blobs.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { blob, defineRecord, list, ref, text } from '../../shared/index.ts'
import { tokenFor } from '../operations-server.ts'
import { type Ask, RestServer } from '../rest/rest-client.ts'

const Photo = defineRecord('photo', {
  fields: {
    caption: text.line(),
    site: ref('site'),
    file: blob({ types: ['image/*'], maxBytes: 5e6 }),
    attachments: list({ file: blob({ types: ['*/*'], maxBytes: 20e6 }) }),
  },
  row: t => ({ site: t.site }),
  access: { read: { $any: [{ site: null }, { site: { ne: 'site:secret' } }, { $role: ['office'] }] } },
})

const DAY_MS = 86_400_000

let server: RestServer
let now: number
let ana: Ask
let bo: Ask
let office: Ask

beforeEach(async () => {
  now = Date.now()
  server = await RestServer.start({ records: [Photo], now: () => now })
  ana = await server.as('ana')
  bo = await server.as('bo')
  office = await server.as('ofi', 'office')
})

afterEach(async () => {
  await server.close()
})

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const picture = (width = 800, height = 600): Promise<Buffer> =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#357',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .jpeg()
    .toBuffer()

const put = (ask: Ask, bytes: Uint8Array, type: string): ReturnType<Ask> =>
  ask('PUT', `/api/blobs/${hashOf(bytes)}`, bytes, { 'content-type': type })

const refer = (ask: Ask, bytes: Uint8Array, type: string, values: object = {}): ReturnType<Ask> =>
  ask('POST', '/api/records/photo', {
    file: { hash: hashOf(bytes), type, bytes: bytes.length, name: 'žica 1.jpg' },
    ...values,
  })

const stored = async (): Promise<string[]> => {
  const entries = await readdir(join(server.running.folder, 'data', 'blobs'), {
    recursive: true,
    withFileTypes: true,
  })
  return entries.filter(entry => entry.isFile()).map(({ name }) => name)
}

/** Sends so many bytes of a piece, and then the line breaks. */
const sendPiece = (
  hash: string,
  token: string,
  offset: number,
  bytes: Uint8Array,
  breaksAfter: number,
): Promise<void> =>
  new Promise(resolve => {
    const url = new URL(`/api/blobs/${hash}/upload`, server.running.server.url)
    const request = httpRequest(url, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
        'content-length': String(bytes.length),
      },
    })
    request.on('error', () => resolve())
    request.on('response', response => response.resume().on('end', () => resolve()))
    request.write(bytes.subarray(0, breaksAfter), () => {
      if (breaksAfter < bytes.length) setImmediate(() => request.destroy())
      else request.end()
    })
  })

describe('a file', () => {
  it('whose bytes are others by now, or that is gone, is named by verify', async () => {
    const [flipped, gone, whole, unfinished] = await Promise.all([1, 2, 3, 4].map(n => picture(100 + n)))
    if (!flipped || !gone || !whole || !unfinished) throw new Error('no pictures')
    for (const bytes of [flipped, gone, whole]) {
      expect((await put(ana, bytes, 'image/jpeg')).status).toBe(201)
      expect((await refer(ana, bytes, 'image/jpeg', { id: hashOf(bytes).slice(0, 8) })).status).toBe(201)
    }
    // Of what was referred to and has not come yet nothing is lost.
    await refer(ana, unfinished, 'image/jpeg')
    const findings: string[] = []
    const { operations } = server.running.server
    const verify = () =>
      operations.verify({ events: false }, ({ code, name }) => findings.push(`${code} ${name}`))
    await verify()
    expect(findings).toEqual([])
    const pathOf = (bytes: Uint8Array): string => `blobs/${hashOf(bytes).slice(0, 2)}/${hashOf(bytes)}`
    const inData = (path: string): string => join(server.running.folder, 'data', path)
    const bytes = await readFile(inData(pathOf(flipped)))
    bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500)
    await writeFile(inData(pathOf(flipped)), bytes)
    await rm(inData(pathOf(gone)))
    await verify()
    expect(findings).toEqual([
      `BLOB_DAMAGED ${pathOf(flipped)}`,
      `BLOB_MISSING photo:${hashOf(gone).slice(0, 8)}`,
    ])
  })

  it('that the disk does not give hides no other from verify', async () => {
    const [failing = '', flipped = '', gone = ''] = ['a', 'b', 'c'].map(digit => digit.repeat(64))
    const files = {
      async *all() {
        for (const name of [failing, flipped]) yield { name, bytes: 1, at: 0 }
      },
      async hashOf(name: string) {
        if (name === failing) throw new Error('EIO: i/o error, read')
        return gone
      },
      size: async () => null,
    }
    const store = {
      readValue: () => Promise.reject(new Error('its value is damaged')),
      readValues: async (space: string) => {
        const values = space === 'blobrefs' ? [{ key: `${gone} photo%3A1 file`, value: '{}' }] : []
        return { values, next: null, damaged: [] }
      },
    }
    const findings: string[] = []
    for await (const { code, sentence } of verifyBlobs(store, files)) findings.push(`${code} ${sentence}`)
    expect(findings).toEqual([
      `BLOB_DAMAGED blobs/aa/${failing}: it cannot be read (EIO: i/o error, read).`,
      `BLOB_DAMAGED blobs/bb/${flipped}: its bytes are not those that it is named by.`,
      `BLOB_MISSING photo:1: the file blobs/cc/${gone} is missing.`,
    ])
  })

  it('sent over a line that breaks ten times arrives whole, once', async () => {
    const bytes = Buffer.concat([await picture(), randomBytes(2e6)])
    const hash = hashOf(bytes)
    const token = await tokenFor('ana')
    const announce = { hash, bytes: bytes.length, type: 'image/jpeg', record: 'photo:1', path: 'file' }
    let { body } = await ana('POST', '/api/blobs', announce)
    expect(body).toEqual({ hash, bytes: bytes.length, offset: 0, state: 'uploading' })
    for (let breaks = 0; breaks < 10; breaks++) {
      const { offset } = body
      const rest = bytes.subarray(offset)
      await sendPiece(hash, token, offset, rest, Math.floor(rest.length / 11))
      // Whoever asks, and whoever announces it anew, goes on from where it stands.
      const isAsked = breaks % 2 === 0
      ;({ body } = await (isAsked
        ? ana('GET', `/api/blobs/${hash}/upload`)
        : ana('POST', '/api/blobs', announce)))
      expect(body.state).toBe('uploading')
      expect(body.offset).toBeGreaterThanOrEqual(offset)
    }
    expect(body.offset).toBeGreaterThan(0)
    // The server may still be writing what came before the last break.
    for (;;) {
      const answer = await ana('PATCH', `/api/blobs/${hash}/upload`, bytes.subarray(body.offset), {
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(body.offset),
      })
      if (answer.status === 409) body.offset = answer.body.offset
      else {
        expect(answer).toMatchObject({ status: 200, body: { state: 'stored', offset: bytes.length } })
        break
      }
    }
    expect(await stored()).toEqual([hash])
    await refer(ana, bytes, 'image/jpeg')
    const again = await bo('POST', '/api/blobs', announce)
    expect(again).toMatchObject({ status: 200, body: { state: 'stored' } })
    const response = await server.running.fetch(`/api/blobs/${hash}?token=${await tokenFor('bo')}`)
    expect(hashOf(new Uint8Array(await response.arrayBuffer()))).toBe(hash)
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''%C5%BEica%201.jpg")
  })

  it.skipIf(!existsSync('/dev/full'))(
    'that the disk has no room for is to be sent again, and then arrives',
    async () => {
      const bytes = Buffer.concat([await picture(), randomBytes(1e5)])
      const hash = hashOf(bytes)
      await ana('POST', '/api/blobs', { hash, bytes: bytes.length, type: 'image/jpeg' })
      const upload = join(server.running.folder, 'data', 'uploads', uploadId('ana', hash))
      await symlink('/dev/full', upload)
      const sent = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }
      const piece = () => ana('PATCH', `/api/blobs/${hash}/upload`, bytes, sent)
      expect(await piece()).toMatchObject({ status: 503, body: { code: 'STORE_UNWRITABLE', retry: true } })
      await rm(upload)
      expect(await piece()).toMatchObject({ status: 200, body: { state: 'stored' } })
    },
  )

  it('sent by one person from three places at once is one file, on which each can go on', async () => {
    const bytes = Buffer.concat([await picture(), randomBytes(1e6)])
    const hash = hashOf(bytes)
    const announce = { hash, bytes: bytes.length, type: 'image/jpeg' }
    await ana('POST', '/api/blobs', announce)
    const send = (offset: number) =>
      ana('PATCH', `/api/blobs/${hash}/upload`, bytes.subarray(offset), {
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
      }).catch(() => null)
    const answers = await Promise.all([send(0), send(0), send(0)])
    // One took over from the other, and whoever is too early is told how far it is; it is never too much.
    expect(answers.map(answer => answer?.body['code'])).not.toContain('BLOB_HASH')
    const { body } = await ana('POST', '/api/blobs', announce)
    if (body['state'] === 'uploading') await send(Number(body['offset']))
    expect((await ana('POST', '/api/blobs', announce)).body).toMatchObject({ state: 'stored' })
  })

  it('is refused when its bytes are not what it is called', async () => {
    const program = Buffer.concat([Buffer.from('MZ\u0090\u0000'), randomBytes(500)])
    const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), randomBytes(500)])
    for (const [bytes, type] of [
      [program, 'image/jpeg'],
      [elf, 'application/pdf'],
      [elf, 'application/octet-stream'],
      [program, 'application/x-msdownload'],
      [Buffer.from('<html><script>alert(1)</script>'), 'image/png'],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/png'],
      [Buffer.from('PK\u0003\u0004….'), 'image/jpeg'],
      [randomBytes(100), 'video/mp4'],
      [Buffer.alloc(0), 'image/jpeg'],
    ] as const) {
      const answer = await put(ana, bytes, type)
      expect([type, answer.status, answer.body.code]).toEqual([type, 415, 'BLOB_TYPE'])
    }
    expect(await stored()).toEqual([])
  })

  it('is refused when it is not what was announced, too large, or of no type that the field takes', async () => {
    const bytes = await picture(20, 20)
    const other = Buffer.concat([bytes, Buffer.from('x')])
    const wrong = await ana('PUT', `/api/blobs/${hashOf(other)}`, bytes, { 'content-type': 'image/jpeg' })
    expect(wrong).toMatchObject({ status: 422, body: { code: 'BLOB_HASH' } })
    for (const hash of [hashOf(bytes), hashOf(other)]) expect(wrong.body.detail).toContain(hash)
    const shouted = await ana('PUT', `/api/blobs/${hashOf(bytes).toUpperCase()}`, bytes, {
      'content-type': 'image/jpeg',
    })
    expect(shouted).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', paths: ['hash'] } })
    const asText = { 'content-type': 'text/plain', 'upload-offset': '0' }
    expect(await ana('PATCH', `/api/blobs/${'0'.repeat(64)}/upload`, 'x', asText)).toMatchObject({
      status: 415,
      body: { code: 'BAD_CONTENT_TYPE' },
    })
    const announce = { hash: hashOf(bytes), type: 'image/jpeg', record: 'photo:1', path: 'file' }
    expect(await ana('POST', '/api/blobs', { ...announce, bytes: 6e6 })).toMatchObject({ status: 413 })
    expect(await ana('POST', '/api/blobs', { ...announce, bytes: 10, type: 'text/plain' })).toMatchObject({
      status: 415,
    })
    expect(await ana('POST', '/api/blobs', { ...announce, bytes: 10, path: 'caption' })).toMatchObject({
      status: 400,
    })
    await ana('POST', '/api/blobs', { ...announce, bytes: 10 })
    const more = await ana('PATCH', `/api/blobs/${hashOf(bytes)}/upload`, bytes, {
      'content-type': 'application/offset+octet-stream',
      'upload-offset': '0',
    })
    expect(more).toMatchObject({ status: 422, body: { code: 'BLOB_HASH' } })
    expect(await stored()).toEqual([])
  })

  it('is read by who may read a record that refers to it, and by who sent it', async () => {
    const bytes = await picture(30, 30)
    const path = `/api/blobs/${hashOf(bytes)}`
    await put(office, bytes, 'image/jpeg')
    expect((await office('GET', path)).status).toBe(200)
    expect(await ana('GET', path)).toMatchObject({ status: 404, body: { code: 'NO_SUCH_BLOB' } })
    const { body } = await refer(office, bytes, 'image/jpeg', { site: 'site:secret' })
    expect((await ana('GET', path)).status).toBe(404)
    await office(
      'PATCH',
      `/api/records/photo/${body.id}`,
      { site: 'site:open' },
      { 'if-match': `"${body.epoch}.${body.commit}"` },
    )
    expect((await ana('GET', path)).status).toBe(200)
    expect((await server.running.fetch(path)).status).toBe(401)
  })

  it('is not opened by a reference of who neither has sent it nor may read it, nor hidden by a thousand', async () => {
    const [bytes, copied] = [await picture(38, 38), await picture(39, 39)]
    const path = `/api/blobs/${hashOf(bytes)}`
    for (const each of [bytes, copied]) await put(office, each, 'image/jpeg')
    await refer(office, bytes, 'image/jpeg', { id: 'x', site: 'site:secret' })
    await refer(office, copied, 'image/jpeg', { id: 'y' })
    const file = { hash: hashOf(bytes), type: 'image/jpeg', bytes: bytes.length, name: 'mine' }
    const attachments = Array.from({ length: 1_001 }, () => ({ file }))
    expect((await ana('POST', '/api/records/photo', { id: 'a', file, attachments })).status).toBe(201)
    // Nor does she learn by its hash that it is here, or come to count as one who has it.
    const announced = { hash: file.hash, bytes: file.bytes, type: file.type }
    expect((await ana('POST', '/api/blobs', announced)).body).toMatchObject({ state: 'uploading', offset: 0 })
    await server.running.server.blobs.settled()
    for (const ask of [ana, bo]) expect((await ask('GET', path)).status).toBe(404)
    await office('PATCH', '/api/records/photo/x', { site: 'site:open' }, { 'if-match': '*' })
    expect((await bo('GET', path)).status).toBe(200)
    // What one may read one may copy, and the copy holds when the first is gone.
    expect((await refer(bo, copied, 'image/jpeg', { id: 'copy' })).status).toBe(201)
    await server.running.server.blobs.settled()
    await office('PATCH', '/api/records/photo/y', { site: 'site:secret' }, { 'if-match': '*' })
    expect((await ana('GET', `/api/blobs/${hashOf(copied)}`)).status).toBe(200)
    // And so does a reference that was there before its file.
    const sent = await picture(40, 40)
    await refer(ana, sent, 'image/jpeg')
    await put(ana, sent, 'image/jpeg')
    expect((await bo('GET', `/api/blobs/${hashOf(sent)}`)).status).toBe(200)
    await server.running.server.blobs.collect()
    expect((await bo('GET', `/api/blobs/${hashOf(copied)}`)).status).toBe(200)
    expect(await stored()).toHaveLength(3)
  })

  it('stays open where somebody who could read it puts it elsewhere, or back', async () => {
    const { blobs } = server.running.server
    const [moved, cut, back] = [await picture(41, 41), await picture(42, 42), await picture(43, 43)]
    const etags = new Map<Buffer, string>()
    for (const bytes of [moved, cut, back]) {
      await put(ana, bytes, 'image/jpeg')
      const { etag } = await refer(ana, bytes, 'image/jpeg', { id: hashOf(bytes).slice(0, 8) })
      etags.set(bytes, etag)
    }
    await blobs.settled()
    const change = async (bytes: Buffer, fields: object): Promise<void> => {
      const path = `/api/records/photo/${hashOf(bytes).slice(0, 8)}`
      const { status, etag } = await bo('PATCH', path, fields, { 'if-match': etags.get(bytes) ?? '' })
      expect(status).toBe(200)
      etags.set(bytes, etag)
    }
    const file = (bytes: Buffer): object => ({
      file: { hash: hashOf(bytes), type: 'image/jpeg', bytes: bytes.length, name: 'its new name' },
    })
    await change(moved, { file: null, attachments: [file(moved)] })
    for (const bytes of [cut, back]) await change(bytes, { file: null })
    await refer(bo, cut, 'image/jpeg', { id: 'pasted' })
    await blobs.collect()
    await change(back, { attachments: [file(back)] })
    await blobs.settled()
    const eva = await server.as('eva')
    for (const bytes of [moved, cut, back])
      expect((await eva('GET', `/api/blobs/${hashOf(bytes)}`)).status).toBe(200)
  })

  it('that was moved just before a kill is open again once who moved it asks for it', async () => {
    const bytes = await picture(46, 46)
    await put(ana, bytes, 'image/jpeg')
    const { etag } = await refer(ana, bytes, 'image/jpeg', { id: 'killed' })
    const { blobs } = server.running.server
    await blobs.settled()
    const { prove } = BlobRegister.prototype
    BlobRegister.prototype.prove = async () => {}
    const file = { hash: hashOf(bytes), type: 'image/jpeg', bytes: bytes.length, name: 'x' }
    const moved = { file: null, attachments: [{ file }] }
    try {
      expect(await bo('PATCH', '/api/records/photo/killed', moved, { 'if-match': etag })).toMatchObject({
        status: 200,
      })
      await blobs.settled()
    } finally {
      BlobRegister.prototype.prove = prove
    }
    const eva = await server.as('eva')
    const asked: number[] = []
    for (const ask of [eva, bo, eva]) asked.push((await ask('GET', `/api/blobs/${file.hash}`)).status)
    expect(asked).toEqual([404, 200, 200])
  })

  it('is read by way of a record that an import brought before it', async () => {
    const bytes = await picture(44, 44)
    const root = await server.as('root', 'admin')
    const file = { hash: hashOf(bytes), type: 'image/jpeg', bytes: bytes.length, name: 'x' }
    const line = JSON.stringify({ id: 'brought', file })
    const type = { 'content-type': 'application/x-ndjson' }
    expect(await root('POST', '/api/import/photo', line, type)).toMatchObject({ status: 200 })
    await server.running.server.blobs.settled()
    await put(office, bytes, 'image/jpeg')
    expect((await bo('GET', `/api/blobs/${hashOf(bytes)}`)).status).toBe(200)
  })

  it('is not opened by a reference that is made while records are looked through', async () => {
    const bytes = await picture(45, 45)
    await put(office, bytes, 'image/jpeg')
    const { folder, server: running } = server.running
    const files = createBlobFiles(join(folder, 'data'))
    const register = new BlobRegister(running.store, running.committer)
    const { noted } = BlobRegister.prototype
    register.noted = async () => {
      const known = await noted.call(register)
      await refer(ana, bytes, 'image/jpeg')
      return known
    }
    await collectBlobs({
      store: running.store,
      types: new Map([[Photo.name, Photo]]),
      register,
      files,
      thumbnails: { of: async () => '', forget: async () => {} },
      now: () => now,
      graceMs: 14 * DAY_MS,
    })
    expect((await ana('GET', `/api/blobs/${hashOf(bytes)}`)).status).toBe(404)
  })

  it('is not read by way of a reference that lies about it', async () => {
    const bytes = Buffer.from('hello, this is text')
    await put(office, bytes, 'text/plain')
    await refer(office, bytes, 'image/jpeg')
    expect((await ana('GET', `/api/blobs/${hashOf(bytes)}`)).status).toBe(404)
  })

  it('is read in ranges, as a player asks for a film', async () => {
    const film = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), randomBytes(100_000)])
    const path = `/api/blobs/${hashOf(film)}`
    await put(ana, film, 'video/mp4')
    const range = async (value: string): Promise<[number, string | null, Buffer]> => {
      const headers = { authorization: `Bearer ${await tokenFor('ana')}`, range: value }
      const response = await server.running.fetch(path, { headers })
      return [
        response.status,
        response.headers.get('content-range'),
        Buffer.from(await response.arrayBuffer()),
      ]
    }
    expect(await range('bytes=0-1')).toEqual([206, `bytes 0-1/${film.length}`, film.subarray(0, 2)])
    expect(await range('bytes=100-')).toEqual([
      206,
      `bytes 100-${film.length - 1}/${film.length}`,
      film.subarray(100),
    ])
    expect(await range('bytes=100-99999999')).toEqual([
      206,
      `bytes 100-${film.length - 1}/${film.length}`,
      film.subarray(100),
    ])
    expect((await range('bytes=-10'))[2]).toEqual(film.subarray(-10))
    expect((await range(`bytes=${film.length}-`)).slice(0, 2)).toEqual([416, `bytes */${film.length}`])
    expect((await range('bytes=5-2'))[0]).toBe(200)
    const head = await ana('HEAD', path)
    expect(head).toMatchObject({ status: 200, body: '' })
    expect(head.headers.get('content-length')).toBe(String(film.length))
    expect(head.headers.get('accept-ranges')).toBe('bytes')
  })

  it('has small pictures where it is one', async () => {
    const bytes = await picture(2000, 1000)
    await put(ana, bytes, 'image/jpeg')
    await refer(ana, bytes, 'image/jpeg')
    const token = await tokenFor('bo')
    const response = await server.running.fetch(
      `/api/blobs/${hashOf(bytes)}/thumbnail?size=320&token=${token}`,
    )
    expect(response.headers.get('content-type')).toBe('image/webp')
    expect(await sharp(Buffer.from(await response.arrayBuffer())).metadata()).toMatchObject({
      width: 320,
      height: 160,
    })
    expect((await bo('GET', `/api/blobs/${hashOf(bytes)}/thumbnail?size=321`)).status).toBe(400)
    const broken = Buffer.concat([bytes.subarray(0, 200), randomBytes(100)])
    await put(ana, broken, 'image/jpeg')
    expect(await ana('GET', `/api/blobs/${hashOf(broken)}/thumbnail`)).toMatchObject({ status: 415 })
    const note = Buffer.from('a note')
    await put(ana, note, 'text/plain')
    expect(await ana('GET', `/api/blobs/${hashOf(note)}/thumbnail`)).toMatchObject({ status: 415 })
  })

  it('has no small picture where a few bytes say that it is huge', async () => {
    const dot = '<circle r="1"/>'
    for (const [side, status] of [
      [800, 200],
      [8_000, 415],
    ] as const) {
      const bytes = Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${dot}</svg>`,
      )
      expect((await put(ana, bytes, 'image/svg+xml')).status).toBe(201)
      expect((await ana('GET', `/api/blobs/${hashOf(bytes)}/thumbnail?size=96`)).status).toBe(status)
    }
  })

  it.each([
    ['a photo as phones make them, which is not read here', 'image/heic', () => isoFile('heic')],
    ['a film', 'video/mp4', () => isoFile('isom')],
    ['a PDF', 'application/pdf', () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3_000)])],
  ])(
    'of which no small picture can be made (%s) is said so, each time, and is read all the same',
    async (...of) => {
      const [, type, make] = of
      const bytes = make()
      expect((await put(ana, bytes, type)).status).toBe(201)
      const entry = { file: { hash: hashOf(bytes), name: 'from my phone', type, bytes: bytes.length } }
      const made = await ana('POST', '/api/records/photo', { caption: 'x', attachments: { a: entry } })
      expect(made.status).toBe(201)
      const path = `/api/blobs/${hashOf(bytes)}`
      const answers = await Promise.all([1, 2, 3].map(() => bo('GET', `${path}/thumbnail?size=320`)))
      for (const answer of [...answers, await bo('GET', `${path}/thumbnail?size=96`)]) {
        expect(answer).toMatchObject({
          status: 415,
          body: { code: 'BLOB_TYPE', detail: expect.stringContaining('picture'), retry: false },
        })
      }
      const whole = await server.running.fetch(`${path}?token=${await tokenFor('bo')}`)
      expect(whole.headers.get('content-type')).toContain(type)
      expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
    },
  )

  it.each(['text/javascript', 'application/JavaScript; a=b', 'text/css', 'text/plain; a=ж\r\nx: y'])(
    'that a page could load by its address is told as bytes (%j)',
    async type => {
      const bytes = Buffer.from(`alert(${JSON.stringify(type)})`)
      await put(ana, bytes, 'text/plain')
      const entry = { file: { hash: hashOf(bytes), name: 'a', type, bytes: bytes.length } }
      expect(
        await ana('POST', '/api/records/photo', { caption: 'x', attachments: { a: entry } }),
      ).toMatchObject({
        status: 201,
      })
      const { status, headers } = await bo('GET', `/api/blobs/${hashOf(bytes)}`)
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe('application/octet-stream')
      expect(headers.get('content-disposition')).toContain('attachment')
    },
  )

  it.each(['image/jpeg;x=, text/html', 'image/jpeg; codecs="a,b"'])(
    'is told as one type, whatever stands behind a comma (%j)',
    async type => {
      const bytes = await picture(40, type.length)
      await put(ana, bytes, 'image/jpeg')
      const entry = { file: { hash: hashOf(bytes), name: 'a', type, bytes: bytes.length } }
      const made = await ana('POST', '/api/records/photo', { caption: 'x', attachments: { a: entry } })
      expect(made.status).toBe(201)
      const { headers } = await bo('GET', `/api/blobs/${hashOf(bytes)}`)
      expect(headers.get('content-type')).toBe('image/jpeg')
    },
  )

  it('has a type that a header can tell', async () => {
    const bytes = await picture(40, 7)
    await put(ana, bytes, 'image/jpeg')
    const typed = (length: number) => ({
      file: { hash: hashOf(bytes), name: 'a', type: 'image/'.padEnd(length, 'x'), bytes: bytes.length },
    })
    const made = (length: number) =>
      ana('POST', '/api/records/photo', { caption: 'x', attachments: { a: typed(length) } })
    expect(await made(255)).toMatchObject({ status: 201 })
    expect(await made(256)).toMatchObject({ status: 422 })
  })

  it('goes some time after nothing refers to it any more, and not before', async () => {
    const [kept, gone, never] = [await picture(31, 31), await picture(32, 32), await picture(33, 33)]
    const late = await picture(34, 34)
    for (const bytes of [kept, gone, never, late]) await put(ana, bytes, 'image/jpeg')
    await refer(ana, kept, 'image/jpeg', { id: 'kept' })
    const { etag } = await refer(ana, gone, 'image/jpeg', { id: 'gone' })
    const { blobs } = server.running.server
    await blobs.collect()
    now += 20 * DAY_MS
    // It is here already, so no bytes of it come again.
    await put(ana, late, 'image/jpeg')
    await blobs.collect()
    expect((await stored()).sort()).toEqual([hashOf(kept), hashOf(gone), hashOf(late)].sort())
    await ana('PATCH', '/api/records/photo/gone', { file: null }, { 'if-match': etag })
    await ana('DELETE', '/api/records/photo/kept')
    await blobs.collect()
    expect(await stored()).toHaveLength(3)
    now += 20 * DAY_MS
    await blobs.collect()
    expect(await stored()).toEqual([hashOf(kept)])
  })

  it('goes with what was made of it, whenever the server is killed', async () => {
    const bytes = await picture(35, 35)
    await put(ana, bytes, 'image/jpeg')
    const { etag } = await refer(ana, bytes, 'image/jpeg', { id: 'shown' })
    expect((await ana('GET', `/api/blobs/${hashOf(bytes)}/thumbnail?size=96`)).status).toBe(200)
    await ana('PATCH', '/api/records/photo/shown', { file: null }, { 'if-match': etag })
    const { folder, server: running } = server.running
    const data = join(folder, 'data')
    const small = async (): Promise<string[]> =>
      (await readdir(join(data, 'thumbnails'), { recursive: true })).filter(name => name.endsWith('.webp'))
    const files = createBlobFiles(data)
    const parts = {
      store: running.store,
      types: new Map([[Photo.name, Photo]]),
      register: new BlobRegister(running.store, running.committer),
      thumbnails: createThumbnails(data, files),
      now: () => now,
      graceMs: 14 * DAY_MS,
    }
    await collectBlobs({ ...parts, files })
    now += 20 * DAY_MS
    const killed = (): never => {
      throw new Error('killed')
    }
    const removeOlder: typeof files.removeOlder = (...which) => files.removeOlder(...which) && killed()
    await expect(collectBlobs({ ...parts, files: { ...files, removeOlder } })).rejects.toThrow('killed')
    expect(await stored()).toEqual([])
    expect(await small()).toEqual([])
  })

  it('that comes, or is said to be here, while old ones are removed is there', async () => {
    const { folder, server: running } = server.running
    const files = createBlobFiles(join(folder, 'data'))
    const register = new BlobRegister(running.store, running.committer)
    const types = new Map([[Photo.name, Photo]])
    const [again, named] = [await picture(36, 36), await picture(37, 37)]
    for (const bytes of [again, named]) await put(ana, bytes, 'image/jpeg')
    await running.blobs.collect()
    now += 20 * DAY_MS
    const collected = await collectBlobs({
      store: running.store,
      types,
      register,
      files: {
        ...files,
        async *all() {
          for await (const file of files.all()) {
            if (file.name === hashOf(named)) files.touch(file.name, now)
            yield file
            if (file.name === hashOf(again)) await put(ana, again, 'image/jpeg')
          }
        },
      },
      thumbnails: { of: async () => '', forget: async () => {} },
      now: () => now,
      graceMs: 14 * DAY_MS,
    })
    expect(collected.files).toBe(1)
    for (const bytes of [again, named]) {
      await refer(ana, bytes, 'image/jpeg')
      expect((await ana('GET', `/api/blobs/${hashOf(bytes)}/thumbnail`)).status).toBe(200)
    }
    // Gone between two looks: its bytes are asked for, as of any that is not here.
    const size = async (hash: string): Promise<number | null> => {
      const bytes = await files.size(hash)
      files.removeOlder(hash, Number.POSITIVE_INFINITY)
      return bytes
    }
    const mayRead = async (): Promise<boolean> => true
    const uploads = new Uploads({ files: { ...files, size }, register, types, now: () => now, mayRead })
    const who = { id: 'ana', name: 'Ana', roles: [], claims: {}, expiresAt: null }
    const announced = { hash: hashOf(named), bytes: named.length, type: 'image/jpeg', rule: null }
    expect(await uploads.announce(who, announced)).toMatchObject({ offset: 0, state: 'uploading' })
  })

  it('is in a backup, and what is still on its way is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-blobs-'))
    const onDisk = await RestServer.start({ records: [Photo], store: new LevelStore({ folder }) })
    const eva = await onDisk.as('eva')
    const [bytes, other] = [await picture(34, 34), await picture(35, 35)]
    await put(eva, bytes, 'image/jpeg')
    await eva('POST', '/api/blobs', { hash: hashOf(other), bytes: other.length, type: 'image/jpeg' })
    const parts: Uint8Array[] = []
    for await (const part of onDisk.running.server.operations.backup(() => {})) parts.push(part)
    const backup = Buffer.concat(parts)
    expect(backup.includes(`blobs/${hashOf(bytes).slice(0, 2)}/${hashOf(bytes)}`)).toBe(true)
    expect(backup.includes(bytes)).toBe(true)
    expect(backup.includes(`/${hashOf(other)}`)).toBe(false)
    await onDisk.close()
    await rm(folder, { recursive: true })
  })
})

/** The beginning of a file of the ISO family, and what no decoder makes sense of. */
function isoFile(brand: string): Buffer {
  const box = Buffer.alloc(24)
  box.writeUInt32BE(24, 0)
  box.write(`ftyp${brand}`, 4, 'latin1')
  return Buffer.concat([box, randomBytes(3_000)])
}
