import type { ServerResponse } from 'node:http'

/** Its line may be gone before it: one that waits behind another on it never closes by itself. */
export const isGone = (answer: ServerResponse): boolean => answer.destroyed || answer.req.socket.destroyed

/** Once an answer is over, or its line is; at once where that has been. */
export const whenGone = (answer: ServerResponse, then: () => void): void => {
  const { socket } = answer.req
  const gone = (): void => {
    answer.off('close', gone)
    socket.off('close', gone)
    then()
  }
  if (isGone(answer)) {
    gone()
    return
  }
  answer.once('close', gone)
  socket.once('close', gone)
}
