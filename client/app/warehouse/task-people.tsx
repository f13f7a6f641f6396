import type { Task } from '../../../shared/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { Face } from '../state/face.tsx'
import { heldBy } from './held-tasks.ts'

/** Who has it, as faces with names for whoever cannot see them. */
export const TaskPeople = ({ tasks }: { readonly tasks: readonly Task[] }) => {
  const nameOf = useNameOf()
  const workers = heldBy(tasks)
  return (
    <span className="task-people">
      {workers.map(worker => (
        <span key={worker} className="task-person">
          <Face id={worker} name={nameOf(worker)} size="sm" />
          <span>{nameOf(worker)}</span>
        </span>
      ))}
    </span>
  )
}
