import type { Task } from '../../../shared/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { colorOf, initialsOf } from '../state/face.ts'
import { heldBy } from './held-tasks.ts'

/** Who has it, as faces with names for whoever cannot see them. */
export const TaskPeople = ({ tasks }: { readonly tasks: readonly Task[] }) => {
  const nameOf = useNameOf()
  const workers = heldBy(tasks)
  return (
    <span className="task-people">
      {workers.map(worker => (
        <span key={worker} className="task-person">
          <span className="person" data-size="sm" style={{ '--who': colorOf(worker) }} aria-hidden>
            {initialsOf(nameOf(worker))}
          </span>
          <span>{nameOf(worker)}</span>
        </span>
      ))}
    </span>
  )
}
