import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import { misuse } from './exit-code.ts'
import { reasonOf } from '../../shared/reason-of.ts'

/** The secret that tokens are signed by, as it was given; null: none was. */
export function givenSecret({ secret, secretFile }: Pick<Config, 'secret' | 'secretFile'>): string | null {
  return secretOf(secret, secretFile, '--secret')
}

/** The one that it followed. */
export function givenPreviousSecret(
  config: Pick<Config, 'secret' | 'secretFile' | 'previousSecret' | 'previousSecretFile'>,
): string | null {
  const previous = secretOf(config.previousSecret, config.previousSecretFile, '--previous-secret')
  if (previous !== null && givenSecret(config) === null) {
    throw misuse('--previous-secret stands beside the one that followed it: give --secret-file as well.')
  }
  return previous
}

function secretOf(text: string | null, file: string | null, flag: string): string | null {
  if (text !== null && file !== null) {
    throw misuse(`Give ${flag} or ${flag}-file, not both.`)
  }
  if (file === null) return text
  const read = readText(file, `${flag}-file`).trim()
  // Whoever knows that would sign their own tokens by it.
  if (read === '') {
    throw misuse(`${flag}-file ${file} is empty. Make one: openssl rand -hex 32 > ${file}`)
  }
  return read
}

export function readText(file: string, whose: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = reasonOf(error)
    throw misuse(`${whose} cannot read its file: ${reason}`)
  }
}
