import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RecordType } from '../../shared/record/define-record.ts'
import { demoRecords } from '../../shared/types/index.ts'
import { CommandFailure, exitCodes } from './exit-code.ts'

/** The record types that a module exports, one by one or in lists; without a module, those of the five workspaces. */
export async function loadRecordTypes(file: string | null): Promise<readonly RecordType[]> {
  if (file === null) return demoRecords
  const path = resolve(file)
  const exported: Record<string, unknown> = await import(pathToFileURL(path).href).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    const hint = /\.tsx?$/.test(path)
      ? ' Node must be able to run TypeScript: Node 22.18 or newer, or compile it first.'
      : ''
    throw new CommandFailure(exitCodes.usage, `--records: ${file} cannot be loaded: ${reason}.${hint}`)
  })
  const types = Object.values(exported).flat().filter(isRecordType)
  if (types.length === 0) {
    throw new CommandFailure(
      exitCodes.usage,
      `--records: ${file} exports no record type (what defineRecord gives).`,
    )
  }
  const names = types.map(type => type.name)
  const twice = names.find(
    (name, index) => names.indexOf(name) !== index && types[index] !== types[names.indexOf(name)],
  )
  if (twice !== undefined)
    throw new CommandFailure(exitCodes.usage, `--records: ${file} has two types «${twice}».`)
  return [...new Set(types)]
}

function isRecordType(value: unknown): value is RecordType {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'fields' in value &&
    'derive' in value &&
    'row' in value &&
    'access' in value
  )
}
