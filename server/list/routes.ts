import { foldText } from '../../shared/record/filter.ts'
import type { Value } from '../../shared/record/value.ts'
import type { PlainFilter } from './plain-filter.ts'

/** Every row that the filter lets in has one of these values in one of these fields. */
export interface Route {
  readonly field: string
  readonly values: readonly Value[]
}

const VALUES_MAX = 64

/**
 * The fewest values by which the filter's rows can be found, so that most commits need not look at it and most
 * rows need not be looked at; null when any row could be one of them.
 */
export const routesOf = (
  filter: PlainFilter,
  sizeOf: (route: Route) => number | null = ({ values }) =>
    values.length <= VALUES_MAX ? values.length : null,
): readonly Route[] | null => best(filter, sizeOf)?.routes ?? null

interface Found {
  readonly routes: readonly Route[]
  readonly size: number
}

const best = (filter: PlainFilter, sizeOf: (route: Route) => number | null): Found | null => {
  switch (filter.kind) {
    case 'none':
      return { routes: [], size: 0 }
    case 'test': {
      const { field, test } = filter
      const route =
        test.op === 'is'
          ? { field, values: [test.value] }
          : test.op === 'in'
            ? { field, values: test.values }
            : test.op === 'same' && (test.value === null || typeof test.value !== 'object')
              ? { field, values: [test.value] }
              : null
      const size = route === null ? null : sizeOf(route)
      return route === null || size === null ? null : { routes: [route], size }
    }
    case 'and': {
      let fewest: Found | null = null
      for (const part of filter.parts) {
        const found = best(part, sizeOf)
        if (found !== null && (fewest === null || found.size < fewest.size)) fewest = found
      }
      return fewest
    }
    case 'or': {
      const routes: Route[] = []
      let size = 0
      for (const part of filter.parts) {
        const found = best(part, sizeOf)
        if (found === null) return null
        routes.push(...found.routes)
        size += found.size
      }
      return { routes, size }
    }
    default:
      return null
  }
}

/** What occurs in the searchable text of every row that the filter lets in. */
export const wordsOf = (filter: PlainFilter, searchable: readonly string[]): readonly string[] => {
  switch (filter.kind) {
    case 'words':
      return filter.words
    case 'and':
      return filter.parts.flatMap(part => wordsOf(part, searchable))
    case 'test': {
      const { field, test } = filter
      const isText = test.op === 'contains' && typeof test.value === 'string' && searchable.includes(field)
      const word = isText ? foldText(String(test.value)) : ''
      return word === '' ? [] : [word]
    }
    default:
      return []
  }
}
