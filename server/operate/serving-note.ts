import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A running server leaves a note in its data folder: where it listens, and a key that lets whoever may read the
 * folder operate it. So `corecord backup --data ./data` works the same whether the server runs or not, and needs no
 * token on the machine itself.
 */
export interface ServingNote {
  readonly url: string
  readonly key: string
  readonly pid: number
}

const fileName = 'serving.json'

export async function writeServingNote(dataFolder: string, note: ServingNote): Promise<void> {
  await writeFile(join(dataFolder, fileName), `${JSON.stringify(note)}\n`, { mode: 0o600 })
}

export async function removeServingNote(dataFolder: string): Promise<void> {
  await rm(join(dataFolder, fileName), { force: true })
}

/** Null where no server left one. One left by a server that was killed names nobody who answers. */
export async function readServingNote(dataFolder: string): Promise<ServingNote | null> {
  try {
    const note: unknown = JSON.parse(await readFile(join(dataFolder, fileName), 'utf8'))
    return isServingNote(note) ? note : null
  } catch {
    return null
  }
}

function isServingNote(note: unknown): note is ServingNote {
  return (
    typeof note === 'object' &&
    note !== null &&
    'url' in note &&
    typeof note.url === 'string' &&
    'key' in note &&
    typeof note.key === 'string' &&
    'pid' in note &&
    typeof note.pid === 'number'
  )
}
