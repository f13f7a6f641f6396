import { lazy, useEffect } from 'react'
import { navigate, useRoute } from '../route/route.ts'
import { AttachmentPage } from './attachment-page.tsx'
import { BordereauPage } from './bordereau-page.tsx'
import { DecomptePage } from './decompte-page.tsx'
import { KeptProjects } from './kept-projects.ts'
import { MetrePage } from './metre-page.tsx'
import { PeriodePage } from './periode-page.tsx'
import { PhotoPage } from './photo-page.tsx'
import { ProjectPage } from './project-page.tsx'
import { ProjectsPage } from './projects-page.tsx'
import { PvPage } from './pv-page.tsx'
import './construction.css'

const ConstructionHelp = lazy(() => import('./construction-help.tsx'))

export default function ConstructionWorkspace() {
  return (
    <>
      <KeptProjects />
      <At />
    </>
  )
}

const At = () => {
  const { parts } = useRoute()
  const [, folder = '', id, part] = parts
  if (folder === 'help') return <ConstructionHelp />
  if (id === undefined) return folder === 'projects' ? <ProjectsPage /> : <ToProjects />
  switch (folder) {
    case 'projects':
      return <ProjectPage key={id} id={id} part={part ?? 'overview'} />
    case 'bordereaux':
      return <BordereauPage key={id} id={id} />
    case 'periodes':
      return <PeriodePage key={id} id={id} />
    case 'metres':
      return <MetrePage key={id} id={id} />
    case 'decomptes':
      return <DecomptePage key={id} id={id} />
    case 'photos':
      return <PhotoPage key={id} id={id} />
    case 'pvs':
      return <PvPage key={id} id={id} />
    case 'attachments':
      return <AttachmentPage key={id} id={id} />
    default:
      return <ToProjects />
  }
}

const ToProjects = () => {
  useEffect(() => navigate('/construction/projects', { replace: true }), [])
  return null
}
