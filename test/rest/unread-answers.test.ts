import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, expect, it, type MockInstance, vi } from 'vitest'
import { problemOfError, sendProblem } from '../../server/http/problem.ts'
import { addUnreadAnswers, UnreadAnswers } from '../../server/http/unread-answers.ts'

/** More than the system takes for a reader, several times over. */
const LONG = 'x'.repeat(24 << 20)

let app: FastifyInstance
let time = 0
/** Of each answer, in order, its end before the time. */
let ends: MockInstance[] = []
let said: object[] = []
const readers: Socket[] = []

const serve = async (bytesMax: number): Promise<string> => {
  ;[time, ends, said] = [0, [], []]
  const onCut = (fields: object): void => void said.push(fields)
  app = fastify()
  addUnreadAnswers(app, new UnreadAnswers({ bytesMax, onCut, monotonic: () => time }))
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOfError(error)
    if (problem === null) throw error
    return sendProblem(reply, problem)
  })
  for (const method of ['GET', 'POST'])
    app.route({
      method,
      url: '/long',
      handler: async (_request, reply) => {
        ends.push(vi.spyOn(reply.raw, 'destroy'))
        return LONG
      },
    })
  return app.listen({ port: 0, host: '127.0.0.1' })
}

/** Somebody who asks, and does not read. */
const ask = async (): Promise<void> => {
  // An address of a listening TCP server is never a string.
  const { port } = app.server.address() as AddressInfo
  const reader = connect(port, '127.0.0.1').on('error', () => {})
  readers.push(reader)
  reader.write('GET /long HTTP/1.1\r\nhost: here\r\n\r\n')
  await once(reader, 'readable')
}

const cutOff = (): number[] => ends.flatMap(({ mock }, i) => (mock.calls.length > 0 ? [i] : []))

afterEach(async () => {
  for (const reader of readers.splice(0)) reader.destroy()
  await app.close()
})

it('hold no more than so much: who asks for another comes again, and the slowest is cut off in time', async () => {
  const url = `${await serve(60 << 20)}/long`
  await ask()
  time += 1
  await ask()
  const refused = await fetch(url)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await refused.json()).toMatchObject({ code: 'TOO_SLOW', retry: true })
  expect(said).toEqual([])

  time += 10_000 - 1
  expect(await (await fetch(url)).text()).toHaveLength(LONG.length)
  expect(cutOff()).toEqual([0])
  expect(said).toMatchObject([{ cut: 1 }])

  // What was read is held no more, and what was done is answered, whoever has to give way.
  await ask()
  expect(await (await fetch(url, { method: 'POST' })).text()).toHaveLength(LONG.length)
  expect(cutOff()).toEqual([0, 1])
  expect(said).toHaveLength(1)
})

it('that are larger than the limit are read one at a time', async () => {
  const url = `${await serve(1 << 20)}/long`
  for (let i = 0; i < 3; i++) expect(await (await fetch(url)).text()).toHaveLength(LONG.length)
})
