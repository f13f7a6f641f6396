/** What a command may touch of its surroundings, so that a test can be the terminal. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: NodeJS.WritableStream & { isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  readonly stdin: NodeJS.ReadableStream
  readonly now: () => number
  /** What is written to `stdout` from now on is a log: that it has no reader, or no room, ends nothing. */
  beginLog(): void
  /** Called once for each signal that asks to stop; gives the way to stop listening. */
  onStopSignal(listener: (signal: string) => void): () => void
}

export function printLine(io: CommandIo, line: string): void {
  io.stdout.write(`${line}\n`)
}

export function printJson(io: CommandIo, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, io.stdout.isTTY === true ? 2 : 0)}\n`)
}
