import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * LevelDB opens a log file that was cut short without a word: the newest commits are simply gone, although they were
 * acknowledged. So each commit that became durable is noted here, in a file of its own beside the database, and
 * after a crash the two are compared. The notes are not waited for (they may be lost with the machine, which makes
 * a cut go unseen, never a false alarm), and two files take turns, so that they stay small.
 *
 * A line is a commit number, a space, and the room's name.
 */
export interface WitnessOptions {
  fileBytesMax: number
  /** Notes are gathered this long, to write once for many commits. */
  gatherMs: number
}

const FILES = ['witness-a', 'witness-b'] as const

export class CommitWitness {
  readonly #folder: string
  readonly #options: WitnessOptions
  #file: FileHandle | null = null
  #fileIndex = 0
  #fileBytes = 0
  #notes = ''
  #timer: ReturnType<typeof setTimeout> | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(folder: string, options: Partial<WitnessOptions> = {}) {
    this.#folder = folder
    this.#options = { fileBytesMax: 4 << 20, gatherMs: 20, ...options }
  }

  /** It is not where the last end was a clean one. */
  get isThere(): boolean {
    return FILES.some(name => existsSync(join(this.#folder, name)))
  }

  /** Room → its last commit that was durable. */
  async read(): Promise<Map<string, number>> {
    const witnessed = new Map<string, number>()
    for (const name of FILES) {
      const text = await readFile(join(this.#folder, name), 'utf8').catch(() => '')
      // What follows the last line end was being written when the process died.
      for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) noteLine(line, witnessed)
    }
    return witnessed
  }

  /** Begins empty: what was to be compared has been. */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await this.#remove()
    await this.#nextFile(0)
  }

  note(room: string, commit: number): void {
    this.#notes += `${commit} ${room}\n`
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.flush()
    }, this.#options.gatherMs)
    this.#timer.unref()
  }

  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write()).catch(() => {})
    return this.#writing
  }

  async #write(): Promise<void> {
    const notes = this.#notes
    if (notes === '' || this.#file === null) return
    this.#notes = ''
    const { bytesWritten } = await this.#file.write(notes)
    this.#fileBytes += bytesWritten
    if (this.#fileBytes > this.#options.fileBytesMax) await this.#nextFile(1 - this.#fileIndex)
  }

  async #nextFile(index: number): Promise<void> {
    await this.#file?.close()
    this.#file = null
    this.#file = await open(join(this.#folder, FILES[index] ?? FILES[0]), 'w')
    this.#fileIndex = index
    this.#fileBytes = 0
  }

  /** After a clean close nothing is to be compared; what is kept is compared at the next start. */
  async close({ keep }: { keep: boolean }): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    await this.flush()
    await this.#file?.close()
    this.#file = null
    this.#notes = ''
    if (!keep) await this.#remove()
  }

  async #remove(): Promise<void> {
    for (const name of FILES) await rm(join(this.#folder, name), { force: true })
  }
}

function noteLine(line: string, witnessed: Map<string, number>): void {
  const space = line.indexOf(' ')
  const commit = Number(line.slice(0, space))
  const room = line.slice(space + 1)
  if (space < 1 || !Number.isSafeInteger(commit)) return
  if (commit > (witnessed.get(room) ?? 0)) witnessed.set(room, commit)
}
