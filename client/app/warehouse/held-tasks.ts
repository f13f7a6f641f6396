import type { Task } from '../../../shared/index.ts'

export const isHeld = (task: Task): task is Task & { readonly worker: string } =>
  task.worker !== null && task.state !== 'cancelled'

export const heldBy = (tasks: readonly Task[]): string[] => [
  ...new Set(tasks.filter(isHeld).map(({ worker }) => worker)),
]
