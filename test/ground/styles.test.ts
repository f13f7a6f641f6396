import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const workspaces = ['tickets', 'sales', 'warehouse', 'construction', 'scheduling'].map(name =>
  join('client/app', name),
)

/** Whatever follows the name: what is true of it in one state alone is a matter of the same workspace. */
const classesIn = (folder: string): Set<string> => {
  const css = readdirSync(folder)
    .filter(file => file.endsWith('.css'))
    .map(file => readFileSync(join(folder, file), 'utf8').replace(/\/\*.*?\*\//gs, ''))
    .join('\n')
  return new Set(
    [...css.matchAll(/([^{}]+)\{/g)]
      .flatMap(([, selectors = '']) => selectors.split(','))
      .flatMap(selector => /^\s*(\.[\w-]+)\s*$/.exec(selector)?.[1] ?? []),
  )
}

// The page keeps the style sheets of every workspace that was visited.
test('no two workspaces lay out one class', () => {
  const owners = new Map<string, string[]>()
  for (const folder of workspaces)
    for (const name of classesIn(folder)) owners.set(name, [...(owners.get(name) ?? []), folder])
  expect(owners.size).toBeGreaterThan(100)
  expect([...owners].filter(([, folders]) => folders.length > 1)).toEqual([])
})
