// No block of commands or code stands on a page that nobody tries: it is run as written, written to a file that a test
// uses, tried by a test named here, or stands here with the reason why no test can run it.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RUN } from './console-session.ts'
import { type CodeBlock, codeBlocks, markdownPages, root } from './markdown-pages.ts'

/** By page and first line, the test that tries it. */
const triedBy: Readonly<Record<string, string>> = {
  'README.md: $ npm start': 'test/docs/npm-start.test.ts',
  "README.md: import * as Y from 'yjs'": 'test/ground/readme.test.ts',
  'server/template/README.md: npm start': 'test/browser/made-app.test.ts',
}

const notRun: Readonly<Record<string, string>> = {
  'README.md: export CORECORD_SECRET=$(openssl rand -hex 32)':
    'It needs a container engine. test/ground/container.test.ts carries out the steps of the Dockerfile without one, ' +
    'mints the token in what they make, and lets docker compose read the file where it is there.',
  'README.md: flowchart LR': 'It is a picture.',
  'docs/SECURITY.md: npm audit --omit=dev':
    'It would fail on the day a hole is found, not on the day of a change.',
  'docs/joining.md: const model = editor.getModel()':
    'Monaco would be the largest package here. It was walked with 0.52 and y-monaco 0.1.6, in two windows.',
  'docs/operating/proxy.md: corecord doctor https://desk.example.com --token "$TOKEN" --hold 90':
    'It needs a public name and a certificate for it. test/operate/proxies.test.ts runs it at both proxies.',
  'docs/operating/sizing.md: npm run bench -- sizing':
    'It measures for minutes, and wants the machine for itself. What it printed is on the page.',
}

const nameOf = (path: string, { code }: CodeBlock): string => `${path}: ${code.split('\n')[0]}`
const blocks = markdownPages().flatMap(page => codeBlocks(page).map(block => ({ page, block })))
const others = blocks
  .filter(({ block: { info } }) => !RUN.test(info) && !info.includes('file='))
  .map(({ page, block }) => nameOf(page.path, block))

test('every block is tried, or says here why it is not', () => {
  expect(blocks.length).toBeGreaterThan(60)
  expect(others.sort()).toEqual([...Object.keys(triedBy), ...Object.keys(notRun)].sort())
  expect(Object.values(triedBy).filter(path => !existsSync(join(root, path)))).toEqual([])
})
