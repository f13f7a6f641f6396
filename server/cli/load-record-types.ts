import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RecordType } from '../../shared/record/record-type.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { registerTypeScript } from '../typescript/register.ts'
import { type CommandFailure, misuse } from './exit-code.ts'

/** Why a file of record types cannot be served. The code stands first in the sentence, for scripts to look for. */
type RecordsProblem = 'RECORDS_NOT_FOUND' | 'RECORDS_FAILED' | 'RECORDS_EMPTY' | 'RECORDS_TWICE'

/** The record types that a module exports, one by one or in lists; without a module, those of the five workspaces. */
export async function loadRecordTypes(file: string | null): Promise<readonly RecordType[]> {
  if (file === null) return demoRecords
  const path = resolve(file)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw problem('RECORDS_NOT_FOUND', `there is no file ${path}. Paths count from where the command is run.`)
  }
  registerTypeScript()
  const exported: Record<string, unknown> = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw problem('RECORDS_FAILED', `${file} cannot be loaded: ${whyAndWhere(error, path)}`)
  })
  const types = Object.values(exported).flat().filter(isRecordType)
  if (types.length === 0) {
    throw problem(
      'RECORDS_EMPTY',
      `${file} exports no record type. Export what defineRecord gives, for example: ` +
        "export const Job = defineRecord('job', { fields: { title: text.line() } })",
    )
  }
  const names = types.map(type => type.name)
  const twice = names.find(
    (name, index) => names.indexOf(name) !== index && types[index] !== types[names.indexOf(name)],
  )
  if (twice !== undefined) {
    throw problem(
      'RECORDS_TWICE',
      `${file} has two types «${twice}». Every record type needs a name of its own.`,
    )
  }
  return [...new Set(types)]
}

function problem(code: RecordsProblem, sentence: string): CommandFailure {
  return misuse(`${code}: --records: ${sentence}`)
}

/** The reason, and the line of the person's own that it comes from. */
function whyAndWhere(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error)
  const line = error.stack?.split('\n').find(one => one.includes(path) && /:\d+/.test(one))
  const place = line === undefined ? null : /:(\d+)(?::\d+)?\)?$/.exec(line.trim())?.[1]
  return `${error.message}${place == null ? '' : ` (${path}:${place})`}`
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
