import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface MarkdownPage {
  readonly path: string
  readonly text: string
}

/** Every page that a reader of the repository meets. */
export function markdownPages(): MarkdownPage[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.md'))
    .map(entry => join(entry.parentPath, entry.name).slice(root.length))
    .sort()
  return ['README.md', 'server/template/README.md', ...inDocs].map(readPage)
}

export function readPage(path: string): MarkdownPage {
  return { path, text: readFileSync(join(root, path), 'utf8') }
}

export interface CodeBlock {
  /** What stands behind the three ticks: `ts`, `console`, `console serve`, `ts file=records.ts`. */
  readonly info: string
  readonly code: string
}

export function codeBlocks({ text }: MarkdownPage): CodeBlock[] {
  return [...text.matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', code = '']) => ({
    info,
    code,
  }))
}

/** The anchors that headings get. */
export function anchors(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)]
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[`*]/g, '')
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** The body of `<!-- generated: name -->` … `<!-- end -->`. */
export function generatedPart(text: string, name: string): string | null {
  const found = new RegExp(`<!-- generated: ${name} -->\\n([\\s\\S]*?)<!-- end -->`).exec(text)
  return found?.[1]?.trim() ?? null
}

export function withGeneratedPart(text: string, name: string, body: string): string {
  return text.replace(
    new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`),
    (_, begin: string, end: string) => `${begin}${body}\n${end}`,
  )
}
