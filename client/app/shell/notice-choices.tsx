// Where each kind of notice is told: the closest choice counts – for the kind, for its type, for everything – and
// where nothing was chosen, what the product does by itself.

import { ActionIcon, Button, Checkbox } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { commonNoticeKinds, type NoticeKind, noticeKinds } from '../../../shared/index.ts'
import type { InboxView } from '../../index.ts'
import { useDesk, useInbox } from '../../react/index.ts'
import { useAskServer } from '../session/ask-server.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useNoticeWords } from './notice-words.ts'
import { usePreferenceWords } from './preference-words.ts'
import { labelled } from '../words/labelled.ts'

const places = ['inApp', 'push', 'mail'] as const
type Place = (typeof places)[number]
/** `some`: only what is meant for this person; or it differs from kind to kind. */
type Told = 'yes' | 'no' | 'some'

export const NoticeChoices = () => {
  const words = usePreferenceWords()
  const { inbox } = useDesk()
  const { view } = useInbox()
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const channels = view?.channels ?? []
  const isChosen = channels.some(one => places.some(place => one[place] !== null))
  const toggle = (type: string): void => {
    const next = new Set(opened)
    if (!next.delete(type)) next.add(type)
    setOpened(next)
  }
  return (
    <section className="card card-body" aria-label={words.title}>
      <h2 className="card-title">{words.title}</h2>
      <p className="preferences-lead">{words.lead}</p>
      <table className="preferences">
        <thead>
          <tr>
            <th scope="col">{words.what}</th>
            {places.map(place => (
              <th key={place} scope="col">
                {words[place]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Choice ids={['*']} label={words.everything} channels={channels} />
          {Object.entries(noticeKinds).map(([type, kinds]) => (
            <TypeRows
              key={type}
              type={type}
              kinds={[...kinds, ...commonNoticeKinds]}
              channels={channels}
              isOpen={opened.has(type)}
              onToggle={() => toggle(type)}
            />
          ))}
        </tbody>
      </table>
      <p className="preferences-lead preferences-note">
        {words.someHint} <MailHint />
      </p>
      {isChosen && (
        <Button
          variant="default"
          size="compact-sm"
          onClick={() =>
            tryTo(() => {
              for (const { id } of channels) inbox.setChannels(id, { inApp: null, push: null, mail: null })
            })
          }
        >
          {words.asAtFirst}
        </Button>
      )}
    </section>
  )
}

/** What is chosen for e-mails is chosen in vain where none can come. */
const MailHint = () => {
  const words = usePreferenceWords()
  const ask = useAskServer()
  const [said, setSaid] = useState<unknown>(null)
  useEffect(() => {
    const stop = new AbortController()
    // Without a connection nothing is said of it.
    ask('/api/inbox/mail', stop.signal).then(setSaid, () => {})
    return () => stop.abort()
  }, [ask])
  if (typeof said !== 'object' || said === null || !('isMailed' in said) || !('address' in said)) return null
  if (said.isMailed !== true) return words.mailOff
  return typeof said.address === 'string' ? words.mailedTo(said.address) : words.mailNoAddress
}

interface TypeRowsProps {
  readonly type: string
  readonly kinds: readonly NoticeKind[]
  readonly channels: InboxView['channels']
  readonly isOpen: boolean
  readonly onToggle: () => void
}

const TypeRows = ({ type, kinds, channels, isOpen, onToggle }: TypeRowsProps) => {
  const words = usePreferenceWords()
  const noticeWords = useNoticeWords()
  const name = (key: string, otherwise: string): string =>
    Object.hasOwn(noticeWords, key) ? noticeWords[key as keyof typeof noticeWords] : otherwise
  const label = name(type, type)
  const Icon = isOpen ? IconChevronDown : IconChevronRight
  return (
    <>
      <Choice
        ids={[type, '*']}
        label={label}
        kinds={kinds}
        channels={channels}
        before={
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-expanded={isOpen}
            aria-label={words.kindsOf(label)}
            onClick={onToggle}
          >
            <Icon size={16} aria-hidden />
          </ActionIcon>
        }
      />
      {isOpen &&
        kinds.map(kind => (
          <Choice
            key={kind.kind}
            ids={[`${type}.${kind.kind}`, type, '*']}
            label={name(`${type}.${kind.kind}`, name(`*.${kind.kind}`, kind.words))}
            kinds={[kind]}
            channels={channels}
            isPart
          />
        ))}
    </>
  )
}

interface ChoiceProps {
  /** Its own choice, then those that hold where it has none. */
  readonly ids: readonly [string, ...string[]]
  readonly label: string
  readonly kinds?: readonly NoticeKind[]
  readonly channels: InboxView['channels']
  readonly before?: React.ReactNode
  readonly isPart?: boolean
}

const Choice = ({ ids, label, kinds = [], channels, before, isPart }: ChoiceProps) => {
  const words = usePreferenceWords()
  const { inbox } = useDesk()
  return (
    <tr data-part={isPart === true ? '' : undefined}>
      <th scope="row">
        <span className="preferences-name">
          {before}
          {label}
        </span>
      </th>
      {places.map(place => {
        const told = toldIn(place, ids, kinds, channels)
        return (
          <td key={place}>
            <Checkbox
              aria-label={labelled(label, words[place])}
              indeterminate={told === 'some'}
              checked={told === 'yes'}
              onChange={() => tryTo(() => inbox.setChannels(ids[0], { [place]: told !== 'yes' }))}
            />
          </td>
        )
      })}
    </tr>
  )
}

const toldIn = (
  place: Place,
  ids: readonly string[],
  kinds: readonly NoticeKind[],
  channels: InboxView['channels'],
): Told => {
  for (const id of ids) {
    const choice = channels.find(one => one.id === id)?.[place] ?? null
    if (choice !== null) return choice ? 'yes' : 'no'
  }
  if (place === 'inApp') return 'yes'
  const critical = kinds.filter(kind => kind.critical === true).length
  if (critical > 0 && critical === kinds.length) return 'yes'
  return place === 'push' || critical > 0 || ids[0] === '*' ? 'some' : 'no'
}
