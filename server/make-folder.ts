import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { OperationFailure } from './operate/operation-failure.ts'
import { reasonOf } from '../shared/reason-of.ts'

/**
 * A folder and those above it; the uppermost that was made, if any was. Step by step: Node's own `recursive` tries for
 * ever, deaf to every signal, where a parent that is there says that it is not, as /proc does.
 */
export function makeFolder(folder: string, mode = 0o777): string | undefined {
  try {
    return make(folder, mode)
  } catch (error) {
    const reason = reasonOf(error)
    throw new OperationFailure(
      `The folder ${folder} cannot be made: ${reason}. Name one that this user may write to, or make it first.`,
    )
  }
}

/** Open to its user alone: whoever may look into it has everything. */
export const makeDataFolder = (folder: string): string | undefined => makeFolder(folder, 0o700)

function make(folder: string, mode = 0o777): string | undefined {
  if (isFolder(folder)) return undefined
  const parent = dirname(folder)
  const made = parent === folder ? undefined : make(parent)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Somebody else made it in between.
    if (!isFolder(folder)) throw error
  }
  return made ?? folder
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
