import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { blob, defineRecord } from '../../shared/index.ts'
import { tokenFor } from '../operations-server.ts'
import { RestServer } from '../rest/rest-client.ts'
import { launchChromium } from './launch-chromium.ts'

const Film = defineRecord('film', { fields: { file: blob({ types: ['video/*'], maxBytes: 50e6 }) } })

let server: RestServer
let browser: Browser

beforeAll(async () => {
  server = await RestServer.start({ records: [Film] })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await server.close()
})

/** Twelve seconds of VP8: four red, four green, four blue. */
const theFilm = (): Promise<Buffer> => readFile(new URL('../blobs/film.webm', import.meta.url))

it('a film plays in a real browser from the place that is asked for, read in ranges', async () => {
  const film = await theFilm()
  const hash = createHash('sha256').update(film).digest('hex')
  const path = `/api/blobs/${hash}`
  const ana = await server.as('ana')
  expect((await ana('PUT', path, film, { 'content-type': 'video/webm' })).status).toBeLessThan(300)
  const file = { hash, type: 'video/webm', bytes: film.length, name: 'film.webm' }
  expect((await ana('POST', '/api/records/film', { file })).status).toBe(201)

  const page = await browser.newPage()
  const ranges: [asked: string | undefined, status: number, given: string | undefined][] = []
  page.on('response', response => {
    if (!response.url().includes(path)) return
    const { range } = response.request().headers()
    ranges.push([range, response.status(), response.headers()['content-range']])
  })
  await page.goto(`${server.running.server.url}/healthz`)
  const src = `${path}?token=${await tokenFor('ben')}`
  const shown = await page.evaluate(async address => {
    const video = document.createElement('video')
    video.muted = true
    document.body.append(video)
    const happens = (event: string): Promise<void> =>
      new Promise((done, fail) => {
        video.addEventListener(event, () => done(), { once: true })
        video.addEventListener('error', () => fail(new Error(video.error?.message)), { once: true })
      })
    const colour = (): string => {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = 1
      const pen = canvas.getContext('2d')
      pen?.drawImage(video, 0, 0, 1, 1)
      const [red = 0, green = 0, blue = 0] = pen?.getImageData(0, 0, 1, 1).data ?? []
      return red > green && red > blue ? 'red' : green > blue ? 'green' : 'blue'
    }
    const seen: (string | number)[] = []
    const loaded = happens('loadeddata')
    video.src = address
    await loaded
    seen.push(Math.round(video.duration))
    for (const seconds of [10, 6, 1]) {
      const seeked = happens('seeked')
      video.currentTime = seconds
      await seeked
      seen.push(colour())
    }
    const ended = happens('ended')
    const seeked = happens('seeked')
    video.currentTime = 11
    await seeked
    await video.play()
    await ended
    seen.push(colour(), video.ended ? 'played to the end' : 'stopped')
    return seen
  }, src)
  expect(shown).toEqual([12, 'blue', 'green', 'red', 'blue', 'played to the end'])
  expect(ranges.length).toBeGreaterThan(0)
  for (const [asked, status, given] of ranges) {
    expect([asked, status]).toEqual([expect.stringMatching(/^bytes=\d+-/), 206])
    expect(given).toContain(`/${film.length}`)
  }
})
