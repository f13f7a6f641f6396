import type { ServerResponse } from 'node:http'

/** Once an answer is over, or its line is: one that waits behind another on its line never closes by itself. */
export const whenGone = (answer: ServerResponse, then: () => void): void => {
  const { socket } = answer.req
  const gone = (): void => {
    answer.off('close', gone)
    socket.off('close', gone)
    then()
  }
  answer.once('close', gone)
  socket.once('close', gone)
}
