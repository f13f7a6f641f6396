import { localId, Project } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { useAppWords } from '../words/app-words.ts'

export interface BackToProject {
  readonly to: string
  readonly label: string
}

/** From a part back to the list of its kind in its project. */
export const useBackToProject = (project: string | null | undefined, part: string): BackToProject => {
  const words = useAppWords()
  const id = project == null ? null : localId('project', project)
  const objet = useRecord(Project, id, view => view.objet)
  return id === null
    ? { to: '/construction/projects', label: words.projects }
    : { to: `/construction/projects/${encodeURIComponent(id)}/${part}`, label: objet ?? words.projects }
}

export const useCurrency = (project: string | null | undefined): string =>
  useRecord(Project, project == null ? null : localId('project', project), view => view.currency) ?? 'EUR'
