import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * LevelDB opens a log file that was cut short, or is gone, without a word: the newest commits are simply not there,
 * although they were acknowledged; of one that is damaged in its midst it leaves out a part, and reads on behind it. So
 * each commit that became durable is noted here, in a file of its own beside the database, and the two are compared at
 * each start. Both say of an end that it was a clean one, and which: what was lost with a log may be that it ended, or
 * that it began again after an earlier clean end. The notes are not waited for (they may be
 * lost with the machine, which makes a cut go unseen, never a false alarm), and two files take turns, so that they
 * stay small.
 *
 * A line is a commit number, a space, and the room's name; at a clean end «clean», a space, and the end's name.
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
  /** Null until it has begun. */
  #fileIndex: number | null = null
  #fileBytes = 0
  #notes = ''
  #timer: ReturnType<typeof setTimeout> | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(folder: string, options: Partial<WitnessOptions> = {}) {
    this.#folder = folder
    this.#options = { fileBytesMax: 4 << 20, gatherMs: 100, ...options }
  }

  /** What the last clean end was called; null after a crash, and nothing where nothing was noted yet. */
  async lastEnd(): Promise<string | null> {
    const texts = await this.#texts()
    if (texts.length === 0) return ''
    return texts.map(text => /^clean (.+)\n/m.exec(text)?.[1] ?? null).find(end => end !== null) ?? null
  }

  /** Room → its last commit that was durable. */
  async read(): Promise<Map<string, number>> {
    const witnessed = new Map<string, number>()
    for (const text of await this.#texts()) {
      // What follows the last line end was being written when the process died.
      for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) noteLine(line, witnessed)
    }
    return witnessed
  }

  async #texts(): Promise<string[]> {
    const files = FILES.map(name => join(this.#folder, name)).filter(existsSync)
    return Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')))
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
    if (notes === '' || this.#fileIndex === null) return
    // Whether they can be written or not: they would gather for as long as the disk is full.
    this.#notes = ''
    // The system may have had none left to open when their turn came.
    const file = this.#file ?? (await this.#nextFile(this.#fileIndex))
    const bytes = Buffer.from(notes)
    const { bytesWritten } = await file.write(bytes, 0, bytes.length, this.#fileBytes)
    // What a full disk took the half of would become one line with the next, and say what nobody noted.
    if (bytesWritten < bytes.length) return file.truncate(this.#fileBytes)
    this.#fileBytes += bytesWritten
    if (this.#fileBytes > this.#options.fileBytesMax) await this.#nextFile(1 - this.#fileIndex)
  }

  async #nextFile(index: number): Promise<FileHandle> {
    await this.#file?.close()
    this.#file = null
    this.#fileIndex = index
    this.#fileBytes = 0
    this.#file = await open(join(this.#folder, FILES[index] ?? FILES[0]), 'w')
    return this.#file
  }

  /** A clean end has a name, which stands in the database too; without one the next start compares. */
  async close(end: string | null): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (end !== null) this.#notes += `clean ${end}\n`
    await this.flush()
    await this.#file?.close()
    this.#file = null
    this.#fileIndex = null
    this.#notes = ''
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
