import type { DemoRecords, DemoScene } from './demo-scene.ts'

/** The lab makes its own records; here are none yet. */
export function* makeLab(_scene: DemoScene): DemoRecords {}
