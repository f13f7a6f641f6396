// What a table shows, as a file for a spreadsheet: with the signs of the person's own numbers, and what stands in a
// cell in two parts in two columns.

import type { RefObject } from 'react'
import type { NumberSigns } from '../format/read-number.ts'
import { readCell } from './paste-lines.ts'

export const csvOf = (table: RefObject<HTMLTableElement | null>, signs: NumberSigns): string => {
  const [head, ...rows] = [...(table.current?.rows ?? [])].map(row => [...row.cells])
  const body = rows.map(row => row.map(cell => partsOf(cell, signs)))
  const names = (head ?? []).map(
    cell => cell.dataset['parts']?.split('\n') ?? [partsOf(cell, signs).join(' ')],
  )
  // What has no name is for the hand: a button for each row.
  const widths = names.map(([label], at) =>
    label === '' ? 0 : Math.max(names[at]?.length ?? 1, ...body.map(row => row[at]?.length ?? 0)),
  )
  return csvOfLines(
    [
      names.flatMap((parts, at) => spread(parts, widths[at] ?? 0, n => `${parts[0]} ${n}`)),
      ...body.map(row => row.flatMap((parts, at) => spread(parts, widths[at] ?? 0, () => ''))),
    ],
    signs,
  )
}

export const csvOfLines = (lines: readonly (readonly string[])[], { decimal }: NumberSigns): string => {
  const separator = decimal === ',' ? ';' : ','
  // The mark in front tells a spreadsheet that letters are UTF-8.
  return `\ufeff${lines.map(line => `${line.map(cell => quoted(cell, separator)).join(separator)}\r\n`).join('')}`
}

const spread = (parts: readonly string[], width: number, rest: (n: number) => string): readonly string[] =>
  Array.from({ length: width }, (_, at) => parts[at] ?? rest(at + 1))

const quoted = (text: string, separator: string): string =>
  text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

const partsOf = (cell: HTMLTableCellElement, signs: NumberSigns): readonly string[] => {
  const isNumber = cell.matches('td.num')
  // Beside an input what stands in it is written out for paper.
  const written = cell.querySelector('.entry-text')?.textContent
  const texts = written == null ? groupsIn(cell) : [written]
  return texts.map(text => (isNumber ? numberCell(text, signs) : textCell(text)))
}

/** Of a column of numbers; what is none stays as it is written. */
export const numberCell = (text: string, signs: NumberSigns): string => {
  const value = readCell('number', text, signs)
  return typeof value === 'number' ? String(value).replace('.', signs.decimal) : textCell(text)
}

/** A spreadsheet would take some for a formula. */
export const textCell = (text: string): string => (/^[=+@\t-]/.test(text) ? `'${text}` : text)

/** What stands in small letters beneath has columns of its own, whatever stands above. */
const groupsIn = (cell: HTMLTableCellElement): readonly string[] => {
  const beneath = cell.querySelector('.row-sub')
  if (beneath === null) return textsIn(cell, cell)
  return [textsIn(cell, cell).join(' '), ...textsIn(beneath, beneath)]
}

/** One for each element that has words of its own; a sign that has a name is called by it. */
const textsIn = (element: Element, cell: Element): readonly string[] => {
  if (element !== cell && isLeftOut(element)) return []
  if (element instanceof HTMLTimeElement) return [momentOf(element)]
  if (element.role === 'img') return [element.ariaLabel ?? '']
  const texts: string[] = []
  let own: number | null = null
  for (const node of element.childNodes) {
    if (node instanceof Element) texts.push(...textsIn(node, cell))
    else if (node instanceof Text && own !== null) texts[own] += node.data
    else if (node instanceof Text && node.data.trim() !== '') own = texts.push(node.data) - 1
  }
  // A dot parts what stands in one line.
  return texts
    .map(text => text.replaceAll(/\s+/g, ' ').replace(/^ ?· /, '').trim())
    .filter(text => text !== '')
}

const isLeftOut = (element: Element): boolean =>
  element.ariaHidden === 'true' ||
  element.matches('button:not(.order-button), .visually-hidden, .people, .state-dot, .row-sub') ||
  getComputedStyle(element).display === 'none'

/** `2026-03-29 14:05`, here, or the day alone: every spreadsheet knows that for a time. */
const momentOf = ({ dateTime }: HTMLTimeElement): string => {
  if (!dateTime.includes('T')) return dateTime
  const at = new Date(dateTime)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace('T', ' ')
}
