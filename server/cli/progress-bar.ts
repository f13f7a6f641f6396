import type { CommandIo } from './command-io.ts'

/** What long work shows at a terminal: how far it is, on one line that ends clean. Silent where nobody watches. */
export interface ProgressBar {
  /** `total` null: not known; then only the count is shown. */
  at(done: number, total: number | null, note?: string): void
  end(): void
}

const width = 24
const redrawEveryMs = 80

export function createProgressBar(io: CommandIo, what: string): ProgressBar {
  if (io.stderr.isTTY !== true) return { at() {}, end() {} }
  let drawnAt = Number.NEGATIVE_INFINITY
  let isDrawn = false
  return {
    at(done, total, note = '') {
      const now = io.now()
      if (now - drawnAt < redrawEveryMs && done !== total) return
      drawnAt = now
      isDrawn = true
      const line = total === null ? `${what} ${done} ${note}` : `${what} ${bar(done, total)} ${note}`
      io.stderr.write(`\r\u001b[K${line.slice(0, (io.stderr.columns ?? 80) - 1)}`)
    },
    end() {
      if (isDrawn) io.stderr.write('\r\u001b[K')
      isDrawn = false
    },
  }
}

function bar(done: number, total: number): string {
  const part = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(part * width)
  return `[${'='.repeat(filled)}${' '.repeat(width - filled)}] ${String(Math.floor(part * 100)).padStart(3)} %`
}

export function bytesAsText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
