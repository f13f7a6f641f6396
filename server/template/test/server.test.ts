import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Desk } from 'corecord/client'
import type { CorecordServer } from 'corecord/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { records, Task } from '../records.ts'
import { createAppServer } from '../server.ts'

// Node has one of its own from version 22.
Object.assign(globalThis, { WebSocket: globalThis.WebSocket ?? WebSocket })

let folder: string
let server: CorecordServer
const desks: Desk[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'my-app-'))
  server = createAppServer({ secret: 'x'.repeat(32), dataFolder: folder, port: 0, host: '127.0.0.1' })
  await server.start()
})

afterAll(async () => {
  for (const desk of desks) await desk.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const sitDown = async (name: string): Promise<Desk> => {
  const token = async (): Promise<string> => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ name })
    const answer = await fetch(`${server.url}/api/sign-in`, { method: 'POST', headers, body })
    return (await answer.json()).token
  }
  const desk = connect({ url: server.url, records, token, storage: 'memory' })
  desks.push(desk)
  await desk.ready
  return desk
}

test('what one person writes, another one sees', async () => {
  const [ana, ivan] = [await sitDown('Ana'), await sitDown('Ivan')]
  const written = ana.create(Task, { title: 'Order paint' })
  await written.whenSaved()

  const seen = ivan.open(Task, written.id)
  await seen.whenCurrent()
  expect(seen.view?.title).toBe('Order paint')

  seen.set({ takenBy: 'ivan' })
  await seen.whenSaved()
  await expect.poll(() => written.view?.takenBy).toBe('ivan')
})
