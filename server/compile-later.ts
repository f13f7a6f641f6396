import { setFlagsFromString } from 'node:v8'

/** Of bytecode that a function has run through, counted three times over; the V8 of Node 20 begins at a third of it. */
const BYTES_BEFORE_OPTIMIZING = 200_000

/**
 * After a start everything runs often for the first time, and V8 optimizes it on threads of its own: on one core they
 * took half of the processor from people who all come back at once. The V8 of later Nodes waits longer by itself.
 */
export const compileLater = (): void => {
  if (process.versions.v8.startsWith('11.'))
    setFlagsFromString(`--interrupt-budget=${BYTES_BEFORE_OPTIMIZING}`)
}
