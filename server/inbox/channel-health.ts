/** How a channel does: what makes `/readyz` fail by its name. */
export interface ChannelHealth {
  succeeded(): void
  /**
   * It was asked, and answers: whether it did not before. One that did all the while says with that nothing of what it
   * did not take.
   */
  up(): boolean
  failed(user: string, reason: string): void
  /** It was asked, and does not work. */
  down(reason: string): void
  /** A sentence while it does not work. */
  problem(): string | null
}

/** One failure may be the line's; so many running are the service's. */
const FAILURES_MAX = 3

/**
 * `usersMin`: where people say what it is sent to, as browsers do, one of them alone could make the server look as if
 * it failed; so many have to fail.
 */
export const createChannelHealth = (what: string, usersMin: number): ChannelHealth => {
  const users = new Set<string>()
  let failures = 0
  let last = ''
  let isDown = false
  const succeeded = (): void => {
    users.clear()
    failures = 0
    isDown = false
  }
  return {
    succeeded,
    up() {
      const isBack = isDown
      if (isBack) succeeded()
      return isBack
    },
    failed(user, reason) {
      users.add(user)
      failures++
      last = reason
    },
    down(reason) {
      isDown = true
      last = reason
    },
    problem: () =>
      isDown || (failures >= FAILURES_MAX && users.size >= usersMin) ? `${what}: ${last}` : null,
  }
}
