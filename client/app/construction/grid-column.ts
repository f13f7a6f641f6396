// What a grid knows of a column: how a value is shown, typed and read.

import type { Value } from '../../../shared/index.ts'
import { readCell } from '../fields/paste-lines.ts'
import type { NumberSigns } from '../format/read-number.ts'
import type { Format } from '../format/use-format.ts'

export interface GridColumn {
  /** The name of the field in the entry; for what is computed, any name. */
  readonly key: string
  readonly label: string
  readonly kind: 'text' | 'number' | 'money' | 'choice' | 'computed'
  /** In rem, so that who reads larger letters sees whole amounts; or what it has at least, `minmax(10rem, 1fr)`. */
  readonly width: string
  readonly choices?: readonly { readonly value: string; readonly label: string }[]
  /** By the id of the line. */
  readonly computed?: (line: string) => string
  readonly isReadOnly?: boolean
}

/** An entry of the list that the grid shows. */
export interface GridLine {
  readonly id: string
  readonly [field: string]: unknown
}

export const isNumeric = ({ kind }: GridColumn): boolean => kind !== 'text' && kind !== 'choice'

export const shownValue = (column: GridColumn, value: unknown, format: Format, currency: string): string => {
  if (value === null || value === undefined) return ''
  if (column.kind === 'money') return typeof value === 'number' ? format.money(value, currency) : ''
  if (column.kind === 'number') return typeof value === 'number' ? format.number(value) : ''
  if (column.kind === 'choice') return labelsOf(column).get(String(value)) ?? String(value)
  return String(value)
}

type Labels = ReadonlyMap<string, string>

const labelsOf = ({ choices = [] }: GridColumn): Labels => {
  let labels = knownLabels.get(choices)
  if (labels === undefined) {
    labels = new Map(choices.map(({ value, label }) => [value, label]))
    knownLabels.set(choices, labels)
  }
  return labels
}

const knownLabels = new WeakMap<object, Labels>()

/** As it is typed, and as a spreadsheet understands it. */
export const typedValue = (column: GridColumn, value: unknown, { decimal }: NumberSigns): string => {
  if (value === null || value === undefined) return ''
  if (column.kind === 'money')
    return typeof value === 'number' ? (value / 100).toFixed(2).replace('.', decimal) : ''
  if (column.kind === 'number') return typeof value === 'number' ? String(value).replace('.', decimal) : ''
  return String(value)
}

/** As another program is given it, and as it is taken back from there. */
export const copiedValue = (column: GridColumn, line: GridLine, signs: NumberSigns): string => {
  if (column.kind === 'computed') return column.computed?.(line.id) ?? ''
  const typed = typedValue(column, line[column.key], signs)
  if (column.kind !== 'choice') return typed
  const label = labelsOf(column).get(typed) ?? ''
  return choiceIn(column, label.trim()) === typed ? label : typed
}

/** What several are called, or none, names none of them. */
const choiceIn = ({ choices = [] }: GridColumn, bare: string): string | undefined => {
  const named = choices.filter(({ label }) => bare !== '' && label.trim() === bare)
  return (
    choices.find(({ value }) => value === bare)?.value ?? (named.length === 1 ? named[0]?.value : undefined)
  )
}

/** Undefined for what cannot stand in the column. */
export const readValue = (column: GridColumn, text: string, signs: NumberSigns): Value | undefined => {
  const bare = text.trim()
  switch (column.kind) {
    case 'text':
      return readCell('line', bare, signs)
    case 'choice':
      if (bare === '') return null
      return choiceIn(column, bare)
    case 'number':
    case 'money':
      return readCell(column.kind, bare, signs)
    case 'computed':
      return undefined
  }
}
