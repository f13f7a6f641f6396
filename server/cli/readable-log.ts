/** The log at a terminal: a line a person reads, of the line of JSON that programs read. */
export interface LogSink {
  write(line: string): void
}

const levelNames: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: '',
  40: 'WARNING',
  50: 'ERROR',
  60: 'FATAL',
}
const hidden = new Set(['level', 'time', 'msg', 'err', 'pid', 'hostname'])

export function createReadableLog(out: LogSink): LogSink {
  return {
    write(line) {
      out.write(`${readableLine(line) ?? line.trimEnd()}\n`)
    },
  }
}

/** Null for what is no line of the log. */
export function readableLine(line: string): string | null {
  const entry = parsedLine(line)
  if (entry === null) return null
  const { level, time, msg, err } = entry
  const clock = typeof time === 'string' ? time.slice(11, 19) : ''
  const word = typeof level === 'number' ? (levelNames[level] ?? String(level)) : ''
  const fields = Object.entries(entry)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const words = [clock, word, String(msg ?? ''), fields.length > 0 ? `(${fields.join(', ')})` : '']
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : ''
  return words.filter(each => each !== '').join(' ') + stack
}

function parsedLine(line: string): Record<string, unknown> | null {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null ? { ...entry } : null
  } catch {
    return null
  }
}
