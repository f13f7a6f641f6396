import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../../server/config.ts'
import { exitCodes } from '../../server/cli/exit-code.ts'
import { codeBlocks, readPage } from '../docs/markdown-pages.ts'

const unit =
  codeBlocks(readPage('docs/operating/service.md')).find(({ info }) => info.includes('file='))?.code ?? ''
const valuesOf = (key: string): string[] =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)

test('the unit sets what the server reads, and gives it the time to stop', () => {
  const known = Object.values(settings).map(({ env }) => env)
  const named = valuesOf('Environment').map(each => each.split('=')[0])
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter(name => !known.some(each => each === name))).toEqual([])
  expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(Number(settings.drainSeconds.fallback))
  // What systemd allows by itself: five starts in ten seconds.
  expect(5 * Number(valuesOf('RestartSec')[0])).toBeGreaterThan(10)
  expect(valuesOf('RestartPreventExitStatus')).toEqual([
    `${exitCodes.usage} ${exitCodes.locked} ${exitCodes.openFiles}`,
  ])
})

test.runIf(spawnSync('systemd-analyze', ['--version']).status === 0)(
  'systemd takes the unit as it is',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'corecord-unit-'))
    try {
      const file = join(folder, 'corecord.service')
      writeFileSync(file, unit)
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
      expect(stderr.split('\n').filter(line => line.includes(file))).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
