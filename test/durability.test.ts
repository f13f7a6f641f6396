import { beforeAll, expect, it } from 'vitest'
import { buildProgram } from './cli-process.ts'
import { torture } from './torture/torture.ts'

beforeAll(buildProgram)

const seed = Number(process.env['CORECORD_SEED'] ?? Date.now() % 1_000_000)

it('loses nothing that was acknowledged or seen, whenever the server is killed', async () => {
  const report = await torture({ kills: 25, seed, atLeast: 500 })
  console.log(
    `seed ${seed}: ${report.written} entries written, ${report.acknowledged} acknowledged, ${report.seen} seen by others`,
  )
  expect(report.lostAcknowledged, `seed ${seed}`).toEqual([])
  expect(report.lostSeen, `seed ${seed}`).toEqual([])
  expect(report.verifyOutput).not.toMatch(/damaged|broken/i)
  expect(report.verifyExitCode).toBe(0)
}, 480_000)
