// What an editor offers where a query is written, asked of the compiler's own language server.

import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const PLACE = '/**/'
const root = fileURLToPath(new URL('../..', import.meta.url))
/** A file of the tree, which is another one for the server. */
const uri = new URL('./types.test.ts', import.meta.url).href

const offered = async (source: string): Promise<string[][]> => {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json')
  const server = spawn(process.execPath, [tsc.replace('package.json', 'lib/tsc.js'), '--lsp', '--stdio'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let heard = Buffer.alloc(0)
  const waiting = new Map<number, (result: unknown) => void>()
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const take = (message: { id?: number; method?: string; result?: unknown; params?: unknown }): void => {
    const { id, method, params } = message
    if (id === undefined) return
    if (method === undefined) waiting.get(id)?.(message.result)
    else
      send({
        id,
        result: method === 'workspace/configuration' ? (params as { items: [] }).items.map(() => null) : null,
      })
  }
  server.stdout.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
    for (;;) {
      const start = heard.indexOf('\r\n\r\n') + 4
      const end = start + Number(/Content-Length: (\d+)/.exec(heard.subarray(0, start).toString())?.[1])
      if (start < 4 || heard.length < end) return
      take(JSON.parse(heard.subarray(start, end).toString()))
      heard = heard.subarray(end)
    }
  })
  let asked = 0
  const ask = (method: string, params: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(++asked, resolve)
      server.once('exit', () => reject(new Error(`the language server ended before it answered ${method}`)))
      send({ id: asked, method, params })
    })
  try {
    await ask('initialize', {
      processId: process.pid,
      rootUri: new URL('../..', import.meta.url).href,
      capabilities: {},
    })
    send({ method: 'initialized', params: {} })
    const text = source.replaceAll(PLACE, '')
    send({
      method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'typescript', version: 1, text } },
    })
    const found: string[][] = []
    const [first = '', ...rest] = source.split(PLACE)
    let before = first
    for (const part of rest) {
      const position = {
        line: before.split('\n').length - 1,
        character: before.length - before.lastIndexOf('\n') - 1,
      }
      const answer = (await ask('textDocument/completion', { textDocument: { uri }, position })) as
        | { items: { label: string }[] }
        | { label: string }[]
        | null
      const items = answer === null ? [] : 'items' in answer ? answer.items : answer
      found.push(items.map(({ label }) => label.replace('?', '')))
      before += part
    }
    return found
  } finally {
    server.removeAllListeners('exit')
    server.kill()
  }
}

it('an editor offers the names of the row and the words of a choice, in every part of a query', async () => {
  const found = await offered(`
import type { Desk } from '../../client/desk.ts'
import { useKeepOffline } from '../../client/react/use-keep-offline.ts'
import { useList } from '../../client/react/use-list.ts'
import { defineRecord, oneOf, text } from '../../shared/index.ts'
const Task = defineRecord('task', {
  fields: { title: text.line(), state: oneOf('open', 'done') },
  row: t => ({ title: t.title, state: t.state }),
})
export const lists = (desk: Desk): void => {
  desk.list(Task, { orderBy: ['${PLACE}'] })
  desk.list(Task, { groups: ['${PLACE}'] })
  desk.list(Task, { where: { ${PLACE} } })
  desk.list(Task, { where: { $any: [{ ${PLACE} }] } })
  useList(Task, { limit: 5, where: { ${PLACE} } })
  useKeepOffline(Task, { where: { ${PLACE} } })
  desk.list(Task, { where: { state: '${PLACE}' } })
  desk.list(Task, { where: { state: { in: ['${PLACE}'] } } })
}
`)
  const names = expect.arrayContaining(['title', 'state', 'updated'])
  const words = expect.arrayContaining(['open', 'done'])
  expect(found).toEqual([names, names, names, names, names, names, words, words])
})
