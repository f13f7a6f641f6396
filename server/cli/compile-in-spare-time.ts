import { readdir, readlink } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'

/**
 * V8 optimizes and collects on threads of its own. After a start everything runs often for the first time: on one core
 * they took half of the processor from people who all come back at once. They give way to whoever is served. Linux
 * alone knows a priority of each thread; where it is refused, all is as it was.
 */
export async function compileInSpareTime(): Promise<void> {
  if (process.platform !== 'linux') return
  try {
    for (const thread of await threadsOfV8()) setPriority(thread, constants.priority.PRIORITY_LOW)
  } catch {}
}

/** All but the one that serves, and those that read and write files, on which the disk hangs: these tell who they are. */
async function threadsOfV8(): Promise<ReadonlySet<number>> {
  const threads = new Set((await readdir('/proc/self/task')).map(Number))
  threads.delete(process.pid)
  const ofFiles = new Set<number>()
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const links = Array.from({ length: fileThreads() }, () => readlink('/proc/thread-self'))
    for (const link of await Promise.all(links)) ofFiles.add(Number(link.slice(link.lastIndexOf('/') + 1)))
    if (ofFiles.size === fileThreads()) return new Set([...threads].filter(thread => !ofFiles.has(thread)))
  }
  return new Set()
}

const ROUNDS_MAX = 100

/** As libuv reads it. */
function fileThreads(): number {
  const { UV_THREADPOOL_SIZE: size = '4' } = process.env
  return Math.min(Math.max(Number.parseInt(size, 10) || 1, 1), 1024)
}
