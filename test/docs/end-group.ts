import type { ChildProcess } from 'node:child_process'

/** Ends a process that was started detached, with all that it started, and waits; one that has ended by itself, too. */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise(done => child.once('close', done))
  try {
    process.kill(-child.pid, 'SIGTERM')
  } catch (error) {
    // It went just now, and its close is on the way.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
  await ended
}
