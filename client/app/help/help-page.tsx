// A workspace's help: how its people do their work, what the marks mean, what to do when something did not go
// through. The work is told by the workspace; the marks and the troubles are the same everywhere.

import {
  IconAlertTriangleFilled,
  IconCloudOff,
  IconGitMerge,
  IconHistory,
  IconInbox,
  IconTrash,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Page } from '../shell/page.tsx'
import { colorOf, initialsOf } from '../state/face.ts'
import { useHelpWords } from './help-words.ts'
import './help.css'

export interface HelpTopic {
  readonly title: string
  readonly text: string
}

interface HelpPageProps {
  /** What this workspace is for, in a sentence. */
  readonly lead: string
  /** What people do here, one topic each, the most usual first. */
  readonly work: readonly HelpTopic[]
  /** What can go otherwise here, besides what can everywhere. */
  readonly troubles?: readonly HelpTopic[]
}

export const HelpPage = ({ lead, work, troubles = [] }: HelpPageProps) => {
  const words = useHelpWords()
  const everywhere = [
    { title: words.offline, text: words.offlineText },
    { title: words.conflict, text: words.conflictText },
    { title: words.refused, text: words.refusedText },
    { title: words.mistake, text: words.mistakeText },
  ]
  return (
    <Page title={words.help}>
      <p className="help-lead">{lead}</p>
      <Topics title={words.work} topics={work} />
      <Marks />
      <Topics title={words.otherwise} topics={[...troubles, ...everywhere]} />
    </Page>
  )
}

const Topics = ({ title, topics }: { readonly title: string; readonly topics: readonly HelpTopic[] }) => (
  <section className="card card-body help-part" aria-label={title}>
    <h2 className="card-title">{title}</h2>
    <dl className="help-topics">
      {topics.map(topic => (
        <div key={topic.title}>
          <dt>{topic.title}</dt>
          <dd>{topic.text}</dd>
        </div>
      ))}
    </dl>
  </section>
)

/** Each mark as it stands on a page, beside what it says. */
const Marks = () => {
  const words = useHelpWords()
  const marks: readonly (readonly [string, ReactNode, string])[] = [
    ['saved', <span key="saved">{words.markSaved}</span>, words.savedText],
    ['pending', <span key="pending" className="state-dot" data-save="pending" />, words.pendingText],
    ['device', <span key="device" className="state-dot" data-save="on device" />, words.onDeviceText],
    [
      'tentative',
      <span key="tentative" className="tentative help-sample">
        {words.markTentative}
      </span>,
      words.tentativeText,
    ],
    [
      'conflict',
      <span key="conflict" className="conflict-chip">
        <IconGitMerge size={13} />
        {words.markConflict}
      </span>,
      words.conflictMarkText,
    ],
    [
      'refused',
      <span key="refused" className="state-dot" data-save="refused">
        <IconAlertTriangleFilled size={14} />
      </span>,
      words.refusedMarkText,
    ],
    [
      'people',
      <span key="people" className="person" data-size="sm" style={{ '--who': colorOf('ana') }}>
        {initialsOf('Ana Anić')}
      </span>,
      words.peopleText,
    ],
    ['offline', <IconCloudOff key="offline" size={18} stroke={1.7} />, words.offlineMarkText],
    ['away', <IconInbox key="away" size={18} stroke={1.7} />, words.awayText],
    ['activity', <IconHistory key="activity" size={18} stroke={1.7} />, words.activityText],
    ['deleted', <IconTrash key="deleted" size={18} stroke={1.7} />, words.deletedText],
  ]
  return (
    <section className="card card-body help-part" aria-label={words.marks}>
      <h2 className="card-title">{words.marks}</h2>
      <dl className="help-marks">
        {marks.map(([key, mark, text]) => (
          <div key={key}>
            <dt aria-hidden>{mark}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
