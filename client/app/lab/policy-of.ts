import { splitPath } from '../../../shared/index.ts'
import type { LabKind } from './frames.ts'
import type { Policy } from './story.ts'
import { labTypes } from './use-frame-facts.ts'

/** How a field merges, read from where it is declared. */
export const policyOf = (kind: LabKind, path: string): Policy => {
  const [name = '', , part] = splitPath(path)
  const field = labTypes[kind].fields[name]
  const cell = field?.kind === 'list' && part !== undefined ? field.entry[part] : field
  return cell?.kind === 'cell' && isPolicy(cell.policy) ? cell.policy : 'last'
}

const isPolicy = (policy: unknown): policy is Policy =>
  policy === 'last' || policy === 'first' || policy === 'max' || policy === 'min' || policy === 'review'
