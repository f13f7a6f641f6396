import { SharedMessage } from '../link/shared-message.ts'

/**
 * What is told of a list, to all who read it: made into JSON once, and into one message for all who call the list by
 * the same number, so that it is framed and compressed once for them.
 */
export class ListTelling {
  readonly name: 'rows' | 'delta'
  /** The members of the JSON object behind those that say whose it is. */
  readonly #body: string
  readonly #messages = new Map<string, SharedMessage>()

  constructor(name: 'rows' | 'delta', body: object) {
    this.name = name
    this.#body = JSON.stringify(body).slice(1, -1)
  }

  /** `head`: members as JSON, such as `"id":7`. */
  message(head: string): SharedMessage {
    let message = this.#messages.get(head)
    if (message === undefined) {
      message = new SharedMessage(Buffer.from(`{"t":"${this.name}",${head},${this.#body}}`))
      this.#messages.set(head, message)
    }
    return message
  }

  json(head: string): string {
    return `{${head},${this.#body}}`
  }
}
