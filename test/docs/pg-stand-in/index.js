// In place of PostgreSQL, for docs/guide-backend.md: the five statements of that page over a file, transactions kept.
// A statement it does not know is an error, so that the page cannot quietly use more than was tried.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const file = 'database.json'
const first = {
  cursor: null,
  customers: [
    { id: 'c1', name: 'Bakery', phone: '555-0101' },
    { id: 'c2', name: 'Cinema', phone: null },
    { id: 'c3', name: 'Dentist', phone: '555-0103' },
  ],
}

const load = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : structuredClone(first))

/** @type {Record<string, (state: typeof first, params: string[]) => object[]>} */
const statements = {
  'select id, name, phone from customer where id > $1 order by id limit 200': (state, [after = '']) =>
    state.customers.filter(({ id }) => id > after).slice(0, 200),
  'select cursor from corecord_cursor': state => (state.cursor === null ? [] : [{ cursor: state.cursor }]),
  'update customer set name = $2 where id = $1': (state, params) => set(state, 'name', params),
  'update customer set phone = $2 where id = $1': (state, params) => set(state, 'phone', params),
  'insert into corecord_cursor (one, cursor) values (1, $1) on conflict (one) do update set cursor = $1': (
    state,
    [cursor],
  ) => {
    Object.assign(state, { cursor })
    return []
  },
}

/**
 * @param {typeof first} state
 * @param {'name' | 'phone'} column
 * @param {string[]} params
 */
function set(state, column, [id, value]) {
  const row = state.customers.find(one => one.id === id)
  if (row) Object.assign(row, { [column]: value })
  return []
}

class Client {
  /** @type {typeof first | null} */
  #open = null

  /**
   * @param {string} text
   * @param {string[]} params
   */
  async query(text, params = []) {
    if (text === 'begin') this.#open = load()
    else if (text === 'commit') {
      writeFileSync(file, JSON.stringify(this.#open))
      this.#open = null
    } else if (text === 'rollback') this.#open = null
    else {
      const run = statements[text]
      if (run === undefined) throw new Error(`the stand-in does not know: ${text}`)
      const state = this.#open ?? load()
      const rows = run(state, params)
      if (this.#open === null) writeFileSync(file, JSON.stringify(state))
      return { rows }
    }
    return { rows: [] }
  }

  release() {}
}

class Pool extends Client {
  async connect() {
    return new Client()
  }

  async end() {}
}

export default { Pool }
