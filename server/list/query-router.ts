import type { Row } from '../../shared/record/filter.ts'
import type { Value } from '../../shared/record/value.ts'
import type { LiveQuery } from './live-query.ts'
import { routesOf } from './routes.ts'

/**
 * Which live queries of a type a changed row may concern. A query that lets in only rows with certain values of a
 * field (its project, its technician, those a guest may read) is found by them; the others are asked each time.
 */
export class QueryRouter {
  readonly #byValue = new Map<string, Map<Value, Set<LiveQuery>>>()
  readonly #others = new Set<LiveQuery>()

  add(query: LiveQuery): void {
    const routes = routesOf(query.query.filter)
    if (routes === null) {
      this.#others.add(query)
      return
    }
    for (const { field, values } of routes) {
      let byValue = this.#byValue.get(field)
      if (byValue === undefined) {
        byValue = new Map()
        this.#byValue.set(field, byValue)
      }
      for (const value of values) {
        const queries = byValue.get(value)
        if (queries === undefined) byValue.set(value, new Set([query]))
        else queries.add(query)
      }
    }
  }

  remove(query: LiveQuery): void {
    this.#others.delete(query)
    for (const { field, values } of routesOf(query.query.filter) ?? []) {
      const byValue = this.#byValue.get(field)
      for (const value of values) {
        const queries = byValue?.get(value)
        queries?.delete(query)
        if (queries?.size === 0) byValue?.delete(value)
      }
      if (byValue?.size === 0) this.#byValue.delete(field)
    }
  }

  /** Each once. */
  concerned(before: Row | null, after: Row | null): ReadonlySet<LiveQuery> {
    if (this.#byValue.size === 0) return this.#others
    const found = new Set(this.#others)
    for (const [field, byValue] of this.#byValue) {
      const from = before === null ? undefined : (before[field] ?? null)
      const to = after === null ? undefined : (after[field] ?? null)
      if (from !== undefined) for (const query of byValue.get(from) ?? []) found.add(query)
      if (to !== undefined && to !== from) for (const query of byValue.get(to) ?? []) found.add(query)
    }
    return found
  }
}
