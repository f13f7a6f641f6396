import { OperationFailure } from './operate/operation-failure.ts'
import { isStoreError } from './store/store-error.ts'

/**
 * Why a server did not start, as a sentence that says what to do; null where its operator can do nothing about it: a
 * mistake in a program, of which the stack tells.
 */
export function startProblem(error: unknown): string | null {
  if (isStoreError(error) || error instanceof OperationFailure) return error.message
  return error instanceof Error ? listenProblem(error) : null
}

/** What Node says of an address that it cannot listen on. */
function listenProblem(error: NodeJS.ErrnoException & { port?: number; address?: string }): string | null {
  const { syscall, code, port, address } = error
  if (syscall === 'getaddrinfo') {
    const { hostname } = error as { hostname?: string }
    return `There is no host «${hostname}». Listen on 127.0.0.1 for this machine alone, on 0.0.0.0 for every network.`
  }
  if (syscall !== 'listen') return null
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Choose another, or 0 for any.`
    case 'EACCES':
      return `Port ${port} may not be opened by this user. Choose one above 1023.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${address}. Listen on 127.0.0.1 for this machine alone, on 0.0.0.0 for every network.`
    default:
      return null
  }
}
