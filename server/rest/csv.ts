import { ArrivingText, NOT_UTF8 } from '../http/utf8.ts'

/**
 * Lines of RFC 4180: fields with commas, quotes or line breaks stand in quotes. Read as it comes, however the pieces
 * are cut.
 */
export function csvLine(values: readonly string[]): string {
  return `${values.map(csvValue).join(',')}\r\n`
}

function csvValue(value: string): string {
  const safe = withMarks(value)
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A spreadsheet takes these for formulas; the mark says that it is text. */
function withMarks(value: string): string {
  const marked = value.replaceAll(FORMULA_WITHIN, "'")
  return /^[=+\-@\t\r]/.test(value) && !/^[+-]?\d+(?:[.,]\d+)?$/.test(value) ? `'${marked}` : marked
}

/**
 * Where a spreadsheet parts cells by semicolons, as in most of Europe, one begins in the midst of a value, in quotes or
 * not. A dash there begins a line of a list more often than a formula that could do anything.
 */
const within = (mark: string): RegExp =>
  new RegExp(String.raw`(?<=[;\t\r\n])${mark}(?=[=@]|[+-][^;\t\r\n]*[(|])`, 'g')
const FORMULA_WITHIN = within('')
const MARK_WITHIN = within("'")

export function withoutMarks(text: string): string {
  return text.replace(/^'(?=[=+\-@\t\r])/, '').replaceAll(MARK_WITHIN, '')
}

export interface CsvRow {
  /** Of the line it begins in, from 1. */
  readonly line: number
  readonly values: readonly string[]
  /** Why it is not to be read: a sentence. */
  readonly problem: string | null
}

const ROW_CHARS_MAX = 2 * 1024 * 1024

export async function* readCsv(source: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  const arriving = new ArrivingText()
  let row: string[] = []
  let value = ''
  let chars = 0
  let isQuoted = false
  let wasQuoted = false
  /** The value has begun without a quote: one that comes is a letter. */
  let isBare = false
  let isAfterReturn = false
  let before = ''
  let line = 1
  let startedAt = 1

  function problemOf(): string | null {
    if (isQuoted) return 'A quote begins in it, and none ends it: what follows was not read.'
    if (chars > ROW_CHARS_MAX) return 'A line is too long.'
    return row.some(text => arriving.isDamaged(text)) ? NOT_UTF8 : null
  }

  function* endRow(): Generator<CsvRow> {
    row.push(value)
    if (row.length > 1 || value !== '' || chars > ROW_CHARS_MAX || isQuoted)
      yield { line: startedAt, values: row, problem: problemOf() }
    row = []
    value = ''
    chars = 0
    wasQuoted = false
    isBare = false
    startedAt = line
  }

  function* take(text: string): Generator<CsvRow> {
    for (const char of text) {
      if (isAfterReturn) {
        isAfterReturn = false
        if (char === '\n') continue
      }
      if (++chars > ROW_CHARS_MAX) {
        // Only where it ends is still of interest.
        row.length = 0
        value = ''
      }
      if (char === '\r' || (char === '\n' && before !== '\r')) line++
      before = char
      if (isQuoted) {
        if (char !== '"') value += char
        else {
          isQuoted = false
          wasQuoted = true
        }
      } else if (char === '"' && !isBare) {
        // Twice in a row within quotes it is one of the text.
        if (wasQuoted) value += '"'
        isQuoted = true
        wasQuoted = false
      } else if (char === ',') {
        row.push(value)
        value = ''
        wasQuoted = false
        isBare = false
      } else if (char === '\n' || char === '\r') {
        isAfterReturn = char === '\r'
        yield* endRow()
      } else {
        value += char
        wasQuoted = false
        isBare = true
      }
    }
  }

  let isFirst = true
  for await (const chunk of source) {
    const text = arriving.take(chunk)
    yield* take(isFirst ? text.replace(/^\uFEFF/, '') : text)
    isFirst = false
  }
  yield* take(arriving.take())
  yield* endRow()
}
