import { NativeSelect, SegmentedControl, TextInput, useMantineColorScheme } from '@mantine/core'
import { useDesk, useInbox } from '../../react/index.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { languages, setLanguage, useLanguage } from '../words/language.ts'
import { NoticeChoices } from './notice-choices.tsx'
import { Page } from './page.tsx'
import { PastNotices } from './past-notices.tsx'
import { usePreferenceWords } from './preference-words.ts'
import { PushDevices } from './push-devices.tsx'

/** What concerns notices is kept with the person’s inbox, and holds on every device; the look belongs to this one. */
export default function Preferences() {
  const words = usePreferenceWords()
  const appWords = useAppWords()
  const { items } = useInbox()
  return (
    <Page title={words.preferences}>
      <div className="record-stack">
        <Look />
        {items === undefined ? (
          <Empty isQuiet title={appWords.loading} />
        ) : (
          <>
            <NoticeChoices />
            <PushDevices />
            <Quiet />
          </>
        )}
        <PastNotices />
      </div>
    </Page>
  )
}

const Look = () => {
  const words = usePreferenceWords()
  const appWords = useAppWords()
  const language = useLanguage()
  const { inbox } = useDesk()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <section className="card card-body" aria-label={words.look}>
      <h2 className="card-title">{words.look}</h2>
      <div className="preferences-look">
        <div>
          <div className="preferences-label">{appWords.appearance}</div>
          <SegmentedControl
            aria-label={appWords.appearance}
            value={colorScheme}
            onChange={value => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
            data={(['light', 'dark', 'auto'] as const).map(value => ({ value, label: appWords[value] }))}
          />
        </div>
        <div>
          <div className="preferences-label">{appWords.language}</div>
          <SegmentedControl
            aria-label={appWords.language}
            value={language}
            onChange={value => {
              const chosen = languages.find(({ code }) => code === value)
              if (chosen === undefined) return
              setLanguage(chosen.code)
              // What is pushed and mailed speaks it too.
              tryTo(() => inbox.set({ language: chosen.code }))
            }}
            data={languages.map(({ code, name }) => ({ value: code, label: name }))}
          />
        </div>
      </div>
    </section>
  )
}

const Quiet = () => {
  const words = usePreferenceWords()
  const { inbox } = useDesk()
  const { view } = useInbox()
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const digest = view?.digest ?? 'off'
  const isHalf = ((view?.quietFrom ?? null) === null) !== ((view?.quietTo ?? null) === null)
  const set = (settings: Parameters<typeof inbox.set>[0]): void => {
    tryTo(() => inbox.set({ ...settings, timeZone }))
  }
  return (
    <section className="card card-body" aria-label={words.quiet}>
      <h2 className="card-title">{words.quiet}</h2>
      <p className="preferences-lead">
        {words.quietHint} {words.quietZone(view?.timeZone ?? timeZone)} {isHalf && words.quietHalf}
      </p>
      <div className="field-grid">
        <TextInput
          type="time"
          label={words.quietFrom}
          value={clockOf(view?.quietFrom ?? null)}
          onChange={event => set({ quietFrom: minuteOf(event.currentTarget.value) })}
        />
        <TextInput
          type="time"
          label={words.quietTo}
          value={clockOf(view?.quietTo ?? null)}
          onChange={event => set({ quietTo: minuteOf(event.currentTarget.value) })}
        />
        <NativeSelect
          label={words.digest}
          value={digest}
          data={(['off', 'daily', 'weekly'] as const).map(value => ({
            value,
            label: words[`digest_${value}`],
          }))}
          onChange={event => {
            const { value } = event.currentTarget
            if (value === 'off' || value === 'daily' || value === 'weekly') set({ digest: value })
          }}
        />
        {digest !== 'off' && (
          <TextInput
            type="time"
            label={words.digestAt}
            value={clockOf(view?.digestAt ?? null)}
            onChange={event => {
              const digestAt = minuteOf(event.currentTarget.value)
              if (digestAt !== null) set({ digestAt })
            }}
          />
        )}
      </div>
    </section>
  )
}

const clockOf = (minute: number | null): string =>
  minute === null
    ? ''
    : `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const minuteOf = (text: string): number | null => {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(text) ?? []
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes)
}
