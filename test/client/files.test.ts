import 'fake-indexeddb/auto'
import { resolveObjectURL } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IDBFactory } from 'fake-indexeddb'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Desk } from '../../client/desk.ts'
import { locksOfOnePage, type SocketLike } from '../../client/surroundings.ts'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer } from '../../server/server.ts'
import { blob, defineRecord, text } from '../../shared/index.ts'
import { watched } from './failing-store.ts'
import { gate } from '../gate.ts'

const Photo = defineRecord('photo', {
  fields: { caption: text.line(), file: blob({ types: ['image/*'], maxBytes: 5e6 }) },
})
const secret = 'a secret of more than thirty-two characters'
let folder: string
let server: CorecordServer
let desks: Desk[]
let device: IDBFactory

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corecord-files-'))
  desks = []
  device = new IDBFactory()
  server = createServer({ records: [Photo], secret, dataFolder: folder, port: 0, host: '127.0.0.1' })
  await server.start()
})

afterEach(async () => {
  for (const desk of desks) await desk.close()
  await server.close()
  await rm(folder, { recursive: true })
})

const sit = async (sub: string, fetchBy: typeof fetch = fetch, locks = locksOfOnePage()): Promise<Desk> => {
  const desk = connect({
    url: server.url,
    token: () => mintToken(secret, { sub, name: sub, lifetimeSeconds: 3600 }, Date.now),
    records: [Photo],
    surroundings: {
      createSocket: url => new WebSocket(url) as unknown as SocketLike,
      indexedDB: device,
      fetch: fetchBy,
      locks,
    },
  })
  desks.push(desk)
  await desk.ready
  return desk
}

const until = (desk: Desk, holds: () => boolean): Promise<void> =>
  new Promise(done => {
    const stops: (() => void)[] = []
    const look = (): void => {
      if (!holds()) return
      for (const stop of stops) stop()
      done()
    }
    stops.push(desk.files.subscribe(look), desk.subscribe(look))
    look()
  })

/** Noise does not compress: a picture of a few pieces. */
const picture = async (): Promise<Blob> => {
  const [width, height] = [900, 700]
  const raw = randomBytes(width * height * 3)
  const png = await sharp(raw, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
  return new Blob([new Uint8Array(png)], { type: 'image/png' })
}

it('a photo taken off line is shown from the device, queued over a reload, and arrives whole though the line breaks', async () => {
  const file = await picture()
  const first = await sit('ana')
  first.goOffline()
  const photo = first.create(Photo, { caption: 'Crack' }, { id: '1' })
  const ref = await first.files.attach(photo, 'file', file, 'crack.png')
  expect(photo.view?.file).toEqual(ref)
  expect(first.files.state(ref.hash)).toMatchObject({ state: 'queued' })
  expect(await first.files.url(ref)).toMatch(/^blob:/)
  await until(first, () => first.status.pending === first.status.onDevice)
  await first.close()

  let pieces = 0
  const breaking: typeof fetch = async (input, init) => {
    if (init?.method === 'PATCH' && ++pieces % 2 === 1) throw new TypeError('the line broke')
    return await fetch(input, init)
  }
  const again = await sit('ana', breaking)
  const progress: number[] = []
  again.files.subscribe(() => progress.push(again.files.state(ref.hash).progress))
  await until(again, () => again.files.state(ref.hash).state === 'sent')
  expect(pieces).toBeGreaterThan(3)
  expect(Math.max(...progress)).toBe(1)
  await until(again, () => again.status.sync === 'realtime' || again.status.sync === 'idle')
  expect(again.status.files).toEqual({ queued: 0, sending: 0, failed: 0, onDevice: 0 })

  device = new IDBFactory()
  let isSignInPage = true
  const house: typeof fetch = async (input, init) =>
    isSignInPage && String(input).includes('/api/blobs/')
      ? new Response('<p>Sign in to the network of this house', { headers: { 'content-type': 'text/html' } })
      : await fetch(input, init)
  const bo = await sit('bo', house)
  const seen = bo.open(Photo, '1')
  await seen.whenReady()
  expect(seen.view?.file).toEqual(ref)
  for (const size of ['thumb', 'full'] as const) await expect(bo.files.url(ref, size)).rejects.toThrow()
  isSignInPage = false
  for (const size of ['thumb', 'full'] as const) expect(await bo.files.url(ref, size)).toMatch(/^blob:/)
  const arrived = await bo.link.request(`/api/blobs/${ref.hash}`)
  expect(
    Buffer.compare(Buffer.from(await arrived.arrayBuffer()), Buffer.from(await file.arrayBuffer())),
  ).toBe(0)
})

it('what the field does not take fails with a reason a person understands, and can be tried again', async () => {
  const desk = await sit('ana')
  const photo = desk.create(Photo, { caption: 'Not a picture' }, { id: '2' })
  await photo.whenSaved()
  const ref = await desk.files.keep(new Blob(['MZ this is a program'], { type: 'image/png' }), 'holiday.png')
  await until(desk, () => desk.files.state(ref.hash).state === 'failed')
  expect(desk.files.state(ref.hash).error?.sentence).toMatch(/type|file/i)
  expect(desk.status.files.failed).toBe(1)
  expect(await desk.signOut()).toMatchObject({ done: false, unsent: 1 })
})

it('what the field says it does not take is refused at once, and nothing of it is queued or written', async () => {
  const desk = await sit('ana')
  desk.goOffline()
  const photo = desk.create(Photo, { caption: 'Too much' }, { id: '3' })
  for (const [file, sentence] of [
    [new Blob([new Uint8Array(6e6)], { type: 'image/png' }), 'This file is too large: at most 5 MB.'],
    [new Blob(['%PDF-'], { type: 'application/pdf' }), 'A file of type application/pdf cannot stand here.'],
    [new Blob([], { type: 'image/png' }), 'This file is empty: choose another.'],
  ] as const) {
    await expect(desk.files.attach(photo, 'file', file)).rejects.toThrow(sentence)
    await expect(desk.files.keep(file, 'a', { type: Photo, path: 'file' })).rejects.toThrow(sentence)
  }
  expect(photo.view?.file).toBe(null)
  expect(desk.status.files).toEqual({ queued: 0, sending: 0, failed: 0, onDevice: 0 })
})

it('a file on which the server fails keeps none of those behind it waiting', async () => {
  const [bad, good] = [new Blob(['bad'], { type: 'image/png' }), await picture()]
  const failing: typeof fetch = async (input, init) => {
    if (typeof init?.body === 'string' && init.body.includes('"bytes":3}'))
      return new Response('', { status: 500 })
    return await fetch(input, init)
  }
  const desk = await sit('ana', failing)
  const first = await desk.files.keep(bad)
  const second = await desk.files.keep(good)
  await until(desk, () => desk.files.state(second.hash).state === 'sent')
  expect(desk.files.state(first.hash).state).toBe('queued')
})

it('a photo gets through a proxy that takes little at a time', async () => {
  let refused = 0
  const narrow: typeof fetch = async (input, init) => {
    if (!(init?.body instanceof Uint8Array) || init.body.length <= 100_000) return await fetch(input, init)
    refused++
    return new Response('<h1>413 Request Entity Too Large</h1>', {
      status: 413,
      headers: { 'content-type': 'text/html' },
    })
  }
  const desk = await sit('ana', narrow)
  const { hash } = await desk.files.keep(await picture())
  await until(desk, () => desk.files.state(hash).state === 'sent')
  expect(refused).toBe(3)
})

it('what a tab that is closed had queued is sent by the one that stays', async () => {
  const [taking, staying] = [await sit('ana'), await sit('ana')]
  taking.goOffline()
  staying.goOffline()
  const ref = await taking.files.keep(await picture())
  await until(staying, () => staying.files.state(ref.hash).state === 'queued')
  await taking.close()
  staying.goOnline()
  await until(staying, () => staying.status.files.queued + staying.status.files.sending === 0)
  const arrived = await staying.link.request(`/api/blobs/${ref.hash}`)
  expect((await arrived.arrayBuffer()).byteLength).toBe(ref.bytes)
})

it('a photo that is added as the one before has just been sent is sent as well', async () => {
  const locks = locksOfOnePage()
  const [isLetGo, letGo] = gate()
  const slow: typeof locks = {
    request: (name, work) =>
      locks.request(name, async () => {
        const done = await work()
        if (name.startsWith('corecord files')) await isLetGo
        return done
      }),
  }
  const desk = await sit('ana', fetch, slow)
  const first = await desk.files.keep(await picture())
  await until(desk, () => desk.files.state(first.hash).state === 'sent')
  const second = await desk.files.keep(await picture())
  // It has asked to be sent by then.
  await new Promise(done => setTimeout(done, 20))
  letGo()
  await until(desk, () => desk.files.state(second.hash).state === 'sent')
})

it('a file that was refused where it was given first is sent where it is taken, be it given there meanwhile', async () => {
  const [isLetGo, letGo] = gate()
  const slow: typeof fetch = async (input, init) => {
    if (String(input).includes('/api/blobs')) await isLetGo
    return fetch(input, init)
  }
  const desk = await sit('ana', slow)
  const photo = await picture()
  const { hash } = await desk.files.keep(new Blob([photo], { type: 'application/zip' }))
  await until(desk, () => desk.files.state(hash).state === 'sending')
  const record = desk.create(Photo, { caption: 'Crack' }, { id: '1' })
  await desk.files.attach(record, 'file', photo, 'crack.png')
  letGo()
  await until(desk, () => desk.files.state(hash).state === 'sent')
})

it('what somebody sent becomes no page of the app by its address, from the device or from the server', async () => {
  const typeAt = (url: string): string | undefined => resolveObjectURL(url)?.type
  const desk = await sit('ana')
  const page = '<svg xmlns="http://www.w3.org/2000/svg"><script>steal()</script></svg>'
  desk.goOffline()
  for (const type of ['text/html', 'application/xhtml+xml', 'text/xml', 'Image/SVG+xml', '']) {
    const ref = await desk.files.keep(new Blob([`${type}${page}`], { type }))
    expect(typeAt(await desk.files.url(ref)), type).toBe('application/octet-stream')
  }
  desk.goOnline()
  const [drawing, photo] = [new Blob([page], { type: 'image/svg+xml' }), await picture()]
  const record = desk.create(Photo, { caption: 'Plan' }, { id: '1' })
  for (const [file, shown] of [
    [drawing, 'application/octet-stream'],
    [photo, 'image/png'],
  ] as const) {
    const ref = await desk.files.attach(record, 'file', file, 'plan')
    await until(desk, () => desk.files.state(ref.hash).state === 'sent' && desk.status.pending === 0)
    device = new IDBFactory()
    const bo = await sit('bo')
    expect(typeAt(await bo.files.url(ref))).toBe(shown)
  }
})

it('a photo that the device has no room for is said to be lost on leaving, and is put there once there is room', async () => {
  let isFull = true
  device = watched(device, tables => {
    if (isFull && tables.includes('files')) throw new DOMException('no', 'QuotaExceededError')
  })
  const desk = await sit('ana')
  desk.goOffline()
  const photo = desk.create(Photo, { caption: 'Crack' }, { id: '1' })
  const ref = await desk.files.attach(photo, 'file', await picture(), 'crack.png')
  expect(desk.status.files).toEqual({ queued: 1, sending: 0, failed: 0, onDevice: 0 })
  isFull = false
  await until(desk, () => desk.status.files.onDevice === 1 && desk.status.pending === desk.status.onDevice)
  await desk.close()
  const again = await sit('ana')
  await until(again, () => again.files.state(ref.hash).state === 'sent')
})

it('a photo is seen by who had its record open before it arrived', async () => {
  const [arrives, arrive] = gate()
  const slow: typeof fetch = async (input, init) => {
    if (init?.method === 'POST') await arrives
    return await fetch(input, init)
  }
  const ana = await sit('ana', slow)
  device = new IDBFactory()
  let missed = 0
  const counting: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (String(input).includes('/api/blobs/') && answer.status === 404) missed++
    return answer
  }
  const bo = await sit('bo', counting)
  const photo = ana.create(Photo, { caption: 'Crack' }, { id: '1' })
  await photo.whenSaved()
  const seen = bo.open(Photo, '1')
  await seen.whenCurrent()
  const ref = await ana.files.attach(photo, 'file', await picture())
  await expect.poll(() => seen.view?.file).toEqual(ref)
  const shown: string[] = []
  const stops = (['thumb', 'full'] as const).map(size => bo.files.watch(ref, size, url => shown.push(url)))
  await expect.poll(() => missed).toBeGreaterThan(1)
  expect(shown).toEqual([])
  arrive()
  await expect.poll(() => shown.length).toBe(2)
  for (const stop of stops) stop()
})
