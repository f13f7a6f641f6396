import type { Start } from '../session/session.ts'

export const startOfFrame = (_frame: string): Start => ({ isForgetful: true })
