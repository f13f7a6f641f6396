import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { anchors, type MarkdownPage, markdownPages, readPage, root } from './markdown-pages.ts'

const pages = markdownPages()

test.each(pages)('$path links to what exists', ({ path, text }) => {
  for (const { target, anchor } of linksOf(text)) {
    const file = target === '' ? path : join(dirname(path), target)
    expect(existsSync(join(root, file)), `${target} from ${path}`).toBe(true)
    if (anchor !== '') expect([...anchors(readFileSync(join(root, file), 'utf8'))], target).toContain(anchor)
  }
})

const named = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/\]\(([^)]*\btest\/[^)]*)\)[^\n]*?«([^»]+)»/g)].map(([, target = '', name = '']) => ({
    path,
    target: join(dirname(path), target),
    name: name.replaceAll(/\s+/g, ' '),
  })),
)

test.each(named)('$path names a test that exists: $name', ({ target, name }) => {
  expect(sourceOf(target)).toContain(name)
})

test('every page is reached from the index of the guides', () => {
  const reached = new Set<string>(['README.md', 'docs/README.md'])
  const walk = (page: MarkdownPage): void => {
    for (const { target } of linksOf(page.text)) {
      const file = join(dirname(page.path), target)
      if (!file.endsWith('.md') || reached.has(file)) continue
      reached.add(file)
      walk(readPage(file))
    }
  }
  walk(readPage('docs/README.md'))
  const lost = pages.map(({ path }) => path).filter(path => path.startsWith('docs/') && !reached.has(path))
  expect(lost).toEqual([])
})

function linksOf(text: string): { target: string; anchor: string }[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, target = '', anchor = '']) => ({ target, anchor }),
  )
}

/** Of one file, or of all in a folder. */
function sourceOf(path: string): string {
  const full = join(root, path)
  if (statSync(full).isFile()) return readFileSync(full, 'utf8')
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(join(full, file), 'utf8'))
    .join('\n')
}
