import type { Project } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { dayOf } from '../format/day.ts'
import type { NewRecord } from '../list-page/new-record.tsx'
import { useConstructionWords } from './construction-words.ts'

/** What a new project begins with. */
export const useNewProject = (): NewRecord<typeof Project> => {
  const words = useConstructionWords()
  const desk = useDesk()
  return { values: () => ({ objet: words.newProject, start: dayOf(desk.clock.now()) }) }
}
