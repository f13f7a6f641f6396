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
import { colorOf, initialsOf } from '../state/face.tsx'
import { useHelpWords } from './help-words.ts'
import './help.css'

/** Titles by the names of their topics, and beneath each of these, with `Text` behind it, what there is to say. */
type TopicWords<T extends string> = { readonly [N in T | `${T}Text`]: string }

interface HelpPageProps<T extends string> {
  /** `lead` says what this workspace is for, in a sentence. */
  readonly words: TopicWords<T> & { readonly lead: string }
  /** What people do here, one topic each, the most usual first. */
  readonly work: readonly T[]
  /** What can go otherwise here, besides what can everywhere. */
  readonly troubles: readonly T[]
}

export const HelpPage = <T extends string>({ words: own, work, troubles }: HelpPageProps<T>) => {
  const words = useHelpWords()
  return (
    <Page title={words.help}>
      <p className="help-lead">{own.lead}</p>
      <HelpPart title={words.work}>
        <Topics words={own} topics={work} />
      </HelpPart>
      <Marks />
      <HelpPart title={words.otherwise}>
        <Topics words={own} topics={troubles} />
        <Topics words={words} topics={['offline', 'conflict', 'refused', 'mistake']} />
      </HelpPart>
    </Page>
  )
}

const HelpPart = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section className="card card-body help-part" aria-label={title}>
    <h2 className="card-title">{title}</h2>
    <dl className="help-topics">{children}</dl>
  </section>
)

interface TopicsProps<T extends string> {
  readonly words: TopicWords<T>
  readonly topics: readonly T[]
}

const Topics = <T extends string>({ words, topics }: TopicsProps<T>) =>
  topics.map(topic => (
    <div key={topic}>
      <dt>{words[topic]}</dt>
      <dd>{words[`${topic}Text`]}</dd>
    </div>
  ))

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
