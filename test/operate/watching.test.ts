// What operators look at: the log, the metrics, the dashboard and the alerts of docs/operating.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../docs/markdown-pages.ts'
import { startServer, type TestServer } from '../operations-server.ts'
import { logMessages } from './log-messages.ts'

const read = (file: string): string => readFileSync(join(root, 'docs/operating', file), 'utf8')

describe('the page of log lines', () => {
  const rows = [...read('log.md').matchAll(/^\| (\w+) \| `(.*)` \|/gm)].map(
    ([, level, text]) => `${level} ${text}`,
  )

  it('has every line that the server can write, with its level', () => {
    const lines = new Set(logMessages(root).map(({ level, text }) => `${level} ${text}`))
    expect(lines.size).toBeGreaterThan(40)
    expect([...lines].filter(line => !rows.includes(line))).toEqual([])
  })
})

describe('every metric that is asked for is exported', () => {
  let running: TestServer
  let exported: Set<string>

  beforeAll(async () => {
    running = await startServer()
    const text = await (await running.fetch('/metrics')).text()
    const names = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', kind]) =>
      kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    )
    exported = new Set(names)
  })

  afterAll(() => running.close())

  it.each(['grafana-dashboard.json', 'alerts.yml', 'metrics.md'])('by %s', file => {
    const asked = [...read(file).matchAll(/corecord_\w+/g)].map(([name]) => name)
    expect(asked.length).toBeGreaterThan(5)
    expect(asked.filter(name => !exported.has(name))).toEqual([])
  })

  it('and the dashboard is one that Grafana can import', () => {
    const dashboard: Dashboard = JSON.parse(read('grafana-dashboard.json'))
    expect(dashboard.title).toBe('corecord')
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { type, targets } of dashboard.panels) {
      if (type !== 'row') expect(targets?.[0]?.expr).toBeTruthy()
    }
  })
})

interface Dashboard {
  readonly title: string
  readonly panels: readonly {
    readonly id: number
    readonly type: string
    readonly targets?: readonly { readonly expr: string }[]
  }[]
}
