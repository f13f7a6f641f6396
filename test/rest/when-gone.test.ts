import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { isGone, whenGone } from '../../server/http/when-gone.ts'

it('an answer is over when it ends, and when its line does, wherever on it it waits', async () => {
  const answers: ServerResponse[] = []
  const over: number[] = []
  const server = createServer((_request, answer) => {
    const number = answers.push(answer) - 1
    whenGone(answer, () => over.push(number))
    if (number === 0) answer.end('first')
    if (number === 1) answer.write('begins')
    if (number === 2) server.emit('all')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // An address of a listening TCP server is never a string.
  const { port } = server.address() as AddressInfo
  const line = connect(port, '127.0.0.1')
  line.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n'.repeat(3))
  await once(server, 'all')
  const [first, , last] = answers
  if (first === undefined || last === undefined) throw new Error('not all were asked')
  const { socket } = last.req
  if (over.length === 0) await once(first, 'close')
  expect([over, isGone(last)]).toEqual([[0], false])

  const closed = new Promise(resolve => socket.once('close', resolve))
  line.destroy()
  await closed
  expect([over.toSorted(), isGone(last)]).toEqual([[0, 1, 2], true])
  let isTold = false
  whenGone(last, () => {
    isTold = true
  })
  expect(isTold).toBe(true)
  await new Promise(resolve => server.close(resolve))
})
