// What a table shows, as a file for a spreadsheet: with the signs of the person's own numbers, and what stands in a
// cell in two parts in two columns.

import type { NumberSigns } from '../format/read-number.ts'
import { readCell } from './paste-lines.ts'

export const csvOf = (table: HTMLTableElement, signs: NumberSigns): string => {
  const [head, ...body] = [...table.rows].map(row => [...row.cells].map(cell => partsOf(cell, signs)))
  const labels = (head ?? []).map(parts => parts.join(' '))
  // What has no name is for the hand: a button for each row.
  const widths = labels.map((label, at) =>
    label === '' ? 0 : Math.max(1, ...body.map(row => row[at]?.length ?? 0)),
  )
  const separator = signs.decimal === ',' ? ';' : ','
  const lines = [
    labels.flatMap((label, at) => spread([label], widths[at] ?? 0, n => `${label} ${n}`)),
    ...body.map(row => row.flatMap((parts, at) => spread(parts, widths[at] ?? 0, () => ''))),
  ]
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
  return (written == null ? textsIn(cell, cell) : [written]).map(text => {
    const value = isNumber ? readCell('number', text, signs) : undefined
    if (typeof value === 'number') return String(value).replace('.', signs.decimal)
    // A spreadsheet would take it for a formula.
    return /^[=+@\t-]/.test(text) ? `'${text}` : text
  })
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
  return texts.map(text => text.replaceAll(/\s+/g, ' ').trim()).filter(text => text !== '')
}

const isLeftOut = (element: Element): boolean =>
  element.ariaHidden === 'true' ||
  element.matches('button:not(.order-button), .visually-hidden, .people, .state-dot') ||
  getComputedStyle(element).display === 'none'

/** `2026-03-29 14:05`, here, or the day alone: every spreadsheet knows that for a time. */
const momentOf = ({ dateTime }: HTMLTimeElement): string => {
  if (!dateTime.includes('T')) return dateTime
  const at = new Date(dateTime)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace('T', ' ')
}
