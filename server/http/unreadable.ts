import type { Server } from 'node:http'
import { HttpProblem, problemBody } from './problem.ts'

/** What Node cannot read as a request reaches no route; it is answered like whatever else is wrong. */
export function answerUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const { status, ...problem } = problemBody(problemOf(error.code))
    const body = JSON.stringify({ ...problem, status })
    socket.end(
      `HTTP/1.1 ${status} ${status === 413 ? 'Content Too Large' : 'Bad Request'}\r\n` +
        'content-type: application/problem+json; charset=utf-8\r\n' +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  })
}

const problemOf = (code: string | undefined): HttpProblem => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HttpProblem('TOO_LARGE', 'Make it smaller: the address and headers are longer than 16 KB.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new HttpProblem('BAD_REQUEST', 'Send it again: the request did not arrive in time.')
  return new HttpProblem('BAD_REQUEST', 'Check what is sent: it is no HTTP request.')
}
