import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import { CommandFailure, exitCodes } from './exit-code.ts'
import { reasonOf } from '../../shared/reason-of.ts'

/** The secret that tokens are signed by, as it was given; null: none was. */
export function givenSecret({ secret, secretFile }: Pick<Config, 'secret' | 'secretFile'>): string | null {
  if (secret !== null && secretFile !== null) {
    throw new CommandFailure(exitCodes.usage, 'Give --secret or --secret-file, not both.')
  }
  if (secretFile === null) return secret
  const read = readText(secretFile, '--secret-file').trim()
  // Whoever knows that would sign their own tokens by it.
  if (read === '') {
    throw new CommandFailure(
      exitCodes.usage,
      `--secret-file ${secretFile} is empty. Make one: openssl rand -hex 32 > ${secretFile}`,
    )
  }
  return read
}

export function readText(file: string, whose: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = reasonOf(error)
    throw new CommandFailure(exitCodes.usage, `${whose} cannot read its file: ${reason}`)
  }
}
