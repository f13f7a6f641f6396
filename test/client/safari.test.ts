// Nothing is used that current Safari lacks: no syntax, and no name of what Safari 17 does not have. The product's own
// calls of ECMAScript are held to ES2023 by the compiler's `lib`; here it is the whole bundle, what it rests on included.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { build, type Rolldown, transformWithOxc } from 'vite'
import { expect, it } from 'vitest'

/** As globals, or as properties of them. What stands here came to Safari after 17.0, or has not come. */
const LATER_GLOBALS = [
  'requestIdleCallback',
  'cancelIdleCallback',
  'scheduler',
  'Iterator',
  'Float16Array',
  'DisposableStack',
  'AsyncDisposableStack',
  'SuppressedError',
  'WebSocketStream',
  'BarcodeDetector',
  'EyeDropper',
  'LaunchQueue',
  'showOpenFilePicker',
  'showSaveFilePicker',
  'showDirectoryPicker',
  'CloseWatcher',
  'EditContext',
  'Sanitizer',
  'ReportingObserver',
  'NetworkInformation',
  'BackgroundFetchManager',
  'SyncManager',
  'IdleDetector',
  'TrustedHTML',
]
const LATER_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Promise: ['try', 'withResolvers'],
  Object: ['groupBy'],
  Map: ['groupBy'],
  Math: ['f16round', 'sumPrecise'],
  RegExp: ['escape'],
  Error: ['isError', 'captureStackTrace'],
  Uint8Array: ['fromBase64', 'fromHex'],
  URL: ['parse'],
  AbortSignal: ['any'],
  Atomics: ['waitAsync', 'pause'],
  Symbol: ['dispose', 'asyncDispose'],
  navigator: ['connection', 'deviceMemory', 'keyboard', 'scheduling', 'getBattery', 'userAgentData'],
  performance: ['memory', 'measureUserAgentSpecificMemory', 'eventCounts', 'interactionCount'],
  document: ['startViewTransition', 'caretPositionFromPoint', 'moveBefore', 'activeViewTransition'],
}
/** Of whatever they are called on: nothing else has such names. */
const LATER_METHODS = [
  'isSubsetOf',
  'isSupersetOf',
  'isDisjointFrom',
  'symmetricDifference',
  'toBase64',
  'setFromBase64',
  'toHex',
  'setFromHex',
  'getOrInsert',
  'getOrInsertComputed',
  'moveBefore',
  'getHTML',
  'setHTMLUnsafe',
  'requestIdleCallback',
  'convertToSpecifiedUnits',
]

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => !file.startsWith(join('client', 'app')))

it('no syntax of the client has to be lowered for Safari 17', async () => {
  const files = [...sources('client'), ...sources('shared')]
  expect(files.length).toBeGreaterThan(100)
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    const [newest, safari] = await Promise.all([
      transformWithOxc(text, file, { target: 'esnext', sourcemap: false }),
      transformWithOxc(text, file, { target: 'safari17', sourcemap: false }),
    ])
    expect(safari.code, file).toBe(newest.code)
  }
  // What it would have found, so that this says something.
  const older = await transformWithOxc('let a = 0\na ??= 1\n', 'a.ts', {
    target: 'safari13',
    sourcemap: false,
  })
  expect(older.code).not.toContain('??=')
})

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

const nameOf = (node: unknown): string | null =>
  isNode(node) && node.type === 'Identifier' && typeof node['name'] === 'string' ? node['name'] : null

/** Names of the bundle that Safari 17 does not know. */
const laterNames = (code: string): Set<string> => {
  const found = new Set<string>()
  const visit = (node: Node, parent: Node | null): void => {
    const name = nameOf(node)
    const isProperty =
      (parent?.type === 'MemberExpression' && parent['property'] === node && parent['computed'] === false) ||
      (parent?.type === 'Property' && parent['key'] === node)
    if (name !== null && !isProperty && LATER_GLOBALS.includes(name)) found.add(name)
    // Whoever asks whether it is there, and has something else, may.
    const isAsked = parent?.type === 'LogicalExpression' && parent['left'] === node
    if (node.type === 'MemberExpression' && node['computed'] === false && !isAsked) {
      const on = nameOf(node['object'])
      const member = nameOf(node['property']) ?? ''
      if (on !== null && Object.hasOwn(LATER_MEMBERS, on) && LATER_MEMBERS[on]?.includes(member))
        found.add(`${on}.${member}`)
      if (on === 'window' || on === 'globalThis' || on === 'self') {
        if (LATER_GLOBALS.includes(member)) found.add(member)
      }
      if (LATER_METHODS.includes(member)) found.add(`.${member}`)
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, node)
    }
  }
  visit(parseSync('bundle.js', code).program as unknown as Node, null)
  return found
}

it('no name that Safari 17 does not know stands in the client, or in what it rests on', async () => {
  expect(
    laterNames(
      'Promise.try(f); navigator.connection; scheduler.yield(); x.toHex(); y.scheduler; URL.parse || f',
    ),
  ).toEqual(new Set(['Promise.try', 'navigator.connection', 'scheduler', '.toHex']))
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      rollupOptions: {
        input: ['client/index.ts', 'client/react/index.ts'],
        external: /^react(-dom)?(\/|$)/,
        preserveEntrySignatures: 'strict',
      },
    },
  })
  // One build without watching gives one output.
  const { output } = built as Rolldown.RolldownOutput
  const code = output.map(part => (part.type === 'chunk' ? part.code : '')).join('\n')
  expect(code.length).toBeGreaterThan(200_000)
  expect([...laterNames(code)]).toEqual([])
  // Flags of regular expressions are no syntax to a transformer: «v» came with 17, modifiers later.
  expect(code).not.toMatch(/\(\?[ims]+-?[ims]*:/)
})
