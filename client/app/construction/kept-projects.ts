import { useEffect, useMemo } from 'react'
import { claim, localId, Project } from '../../../shared/index.ts'
import { useDesk, useList } from '../../react/index.ts'

/** More than this nobody takes to a site; the others are opened as they are needed. */
const KEPT_MAX = 12

/** The person's own running projects, with all that belongs to them, are on the device before the cellar is. */
export const KeptProjects = () => {
  const desk = useDesk()
  const { rows } = useList(Project, {
    where: {
      state: { in: ['planned', 'active', 'suspended'] },
      $any: [
        { engineers: { contains: claim('sub') } },
        { manager: claim('sub') },
        { createdBy: claim('sub') },
      ],
    },
    orderBy: ['updated', 'desc'],
    limit: KEPT_MAX,
  })
  const ids = useMemo(
    () =>
      (rows ?? [])
        .map(({ id }) => localId('project', id))
        .sort()
        .join(' '),
    [rows],
  )
  useEffect(() => {
    if (ids === '') return undefined
    const projects = desk.keepOffline(Project, {
      where: { project: { in: ids.split(' ').map(id => `project:${id}`) } },
    })
    const parts = ids.split(' ').map(id => desk.belonging(Project, id))
    return () => {
      projects.release()
      for (const part of parts) part.close()
    }
  }, [desk, ids])
  return null
}
