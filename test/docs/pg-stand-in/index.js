// In place of PostgreSQL where a machine has none, for docs/guide-backend.md: the statements of that page's programs
// over a file, transactions kept.
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

/** @type {Record<string, (state: typeof first, params: (string | null)[]) => object[]>} */
const statements = {
  'select id, name, phone from customer where id > $1 order by id limit 200': (state, [after]) =>
    state.customers.filter(({ id }) => id > (after ?? '')).slice(0, 200),
  'select id from customer': state => state.customers.map(({ id }) => ({ id })),
  'select cursor from corecord_cursor': state => (state.cursor === null ? [] : [{ cursor: state.cursor }]),
  'update customer set name = $2 where id = $1': (state, [id, name]) => {
    const row = state.customers.find(one => one.id === id)
    if (row) Object.assign(row, { name })
    return row ? [row] : []
  },
  'delete from customer where id = $1': (state, [id]) => {
    const gone = state.customers.filter(one => one.id === id)
    state.customers = state.customers.filter(one => one.id !== id)
    return gone
  },
  'insert into customer (id, name, phone) values ($1, $2, $3) on conflict (id) do update set name = $2, phone = $3 where (customer.name, customer.phone) is distinct from ($2, $3)':
    (state, [id, name, phone = null]) => {
      const row = state.customers.find(one => one.id === id)
      if (row === undefined) state.customers.push({ id: id ?? '', name: name ?? '', phone })
      else if (row.name === name && row.phone === phone) return []
      else Object.assign(row, { name, phone })
      return [{ id }]
    },
  'insert into corecord_cursor (one, cursor) values (1, $1) on conflict (one) do update set cursor = $1': (
    state,
    [cursor],
  ) => {
    Object.assign(state, { cursor })
    return []
  },
}

class Client {
  /** @type {typeof first | null} */
  #open = null

  /**
   * @param {string} text
   * @param {(string | null)[]} params
   */
  async query(text, params = []) {
    const statement = text.replaceAll(/\s+/g, ' ')
    if (text === 'begin') this.#open = load()
    else if (text === 'commit') {
      writeFileSync(file, JSON.stringify(this.#open))
      this.#open = null
    } else if (text === 'rollback') this.#open = null
    else {
      const run = statements[statement]
      if (run === undefined) throw new Error(`the stand-in does not know: ${text}`)
      const state = this.#open ?? load()
      const rows = run(state, params)
      if (this.#open === null) writeFileSync(file, JSON.stringify(state))
      return { rows, rowCount: rows.length }
    }
    return { rows: [], rowCount: 0 }
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
