/**
 * One deadline over many steps of a stop: each step gets what is left, so that a disk that hangs in the second
 * cannot keep the fourth from saying goodbye. Steps that are cut short are named.
 */
export interface Deadline {
  /** Whether the step ended in time, in success. `share`: at most this part of what is left; the step is told how much. */
  run(step: string, work: (leftMs: number) => Promise<unknown>, share?: number): Promise<boolean>
}

export function createDeadline(
  ms: number,
  now: () => number,
  onTrouble: (step: string, reason: string, error: unknown) => void,
): Deadline {
  const endsAt = now() + ms
  return {
    async run(step, work, share = 1) {
      const left = Math.max(0, (endsAt - now()) * share)
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<'late'>(resolve => {
        timer = setTimeout(resolve, left, 'late')
      })
      try {
        if ((await Promise.race([work(left), late])) === 'late') {
          onTrouble(step, `took longer than ${Math.round(left)} ms`, undefined)
          return false
        }
        return true
      } catch (error) {
        onTrouble(step, 'failed', error)
        return false
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
