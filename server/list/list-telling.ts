import type { Row } from '../../shared/record/filter.ts'
import { SharedMessage } from '../link/shared-message.ts'

/**
 * What is told of a list, to all who read it: made into JSON once, and into one message for all who call the list by
 * the same number, so that it is framed and compressed once for them.
 */
export class ListTelling {
  readonly name: 'rows' | 'delta'
  /** The members of the JSON object behind those that say whose it is. */
  readonly #body: string
  /** All of them, where it is a whole list. */
  readonly #rows: readonly Row[] | null
  #rowsJson: string | null = null
  readonly #messages = new Map<string, SharedMessage>()

  constructor(name: 'rows' | 'delta', body: object, rows: readonly Row[] | null = null) {
    this.name = name
    this.#body = JSON.stringify(body).slice(1, -1)
    this.#rows = rows
  }

  /** Rows that are not JSON yet. */
  get unwritten(): readonly Row[] {
    return this.#rowsJson === null ? (this.#rows ?? []) : []
  }

  /** `head`: members as JSON, such as `"id":7`. */
  message(head: string): SharedMessage {
    let message = this.#messages.get(head)
    if (message === undefined) {
      message = new SharedMessage(Buffer.from(`{"t":"${this.name}",${head},${this.#members()}}`))
      this.#messages.set(head, message)
    }
    return message
  }

  /** `written`: rows as JSON, as far as that was made of them before. */
  json(head: string, written?: ReadonlyMap<Row, string>): string {
    return `{${head},${this.#members(written)}}`
  }

  #members(written?: ReadonlyMap<Row, string>): string {
    const rows = this.#rows
    if (rows === null) return this.#body
    this.#rowsJson ??=
      written === undefined
        ? JSON.stringify(rows)
        : `[${rows.map(row => written.get(row) ?? JSON.stringify(row)).join(',')}]`
    return `"rows":${this.#rowsJson},${this.#body}`
  }
}
