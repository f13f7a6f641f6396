// What pages name without running it: every `corecord …` in a sentence or an `sh` block is a command there is, with
// options it takes, and every `npm …` a script. What `console` blocks show is run, by commands.test.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCorecord } from '../cli-process.ts'
import { codeBlocks, type MarkdownPage, markdownPages, root } from './markdown-pages.ts'

// The log says «corecord serves …».
const CORECORD = /^(?:npx )?(?:corecord|node dist\/server\/main\.js) (?=[a-z])(?!serves )/
const NPM = /^npm (?:run )?(start|test|(?<=run )[\w-]+)\b/

const named = markdownPages().flatMap(page => commandsOf(page).map(command => ({ path: page.path, command })))
const scriptsOf = (folder: string): string[] =>
  Object.keys(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts)

test('pages name commands', () => {
  expect(named.length).toBeGreaterThan(30)
})

test.each(named.filter(({ command }) => CORECORD.test(command)))('$path: $command', async ({ command }) => {
  const words = command.replace(CORECORD, '').split(/\s+/)
  const [name = '', below = ''] = words
  const path = name === 'webhook' && /^[a-z]+$/.test(below) ? [name, below] : [name]
  const { out } = await runCorecord([...path, '--help'])
  // A command that is not there gets the help of the whole.
  expect(out).toContain(`Usage: corecord ${path.join(' ')}`)
  const options = words.filter(word => /^--\w/.test(word)).map(word => word.replace(/[=,.:;)].*$/, ''))
  expect(options.filter(option => !new RegExp(`${option}\\b`).test(out))).toEqual([])
})

test.each(named.filter(({ command }) => NPM.test(command)))('$path: $command', ({ path, command }) => {
  const [, script = ''] = NPM.exec(command) ?? []
  const scripts = [...scriptsOf('.'), ...scriptsOf('server/template')]
  expect(path.startsWith('server/template') ? scriptsOf('server/template') : scripts).toContain(script)
})

function commandsOf(page: MarkdownPage): string[] {
  const prose = page.text.replaceAll(/^```[\s\S]*?^```$/gm, '')
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const blocks = codeBlocks(page)
    .filter(({ info }) => info === 'sh')
    .flatMap(({ code }) => code.split('\n'))
  return [...new Set([...inline, ...blocks].map(line => line.replace(/\s+#.*$/, '').trim()))].filter(
    line => CORECORD.test(line) || NPM.test(line),
  )
}
