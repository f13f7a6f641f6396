import { Button, SegmentedControl, Slider, Switch } from '@mantine/core'
import { IconClock, IconPlane, IconPlayerPlay, IconRefresh, IconGauge } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useFormat } from '../format/use-format.ts'
import { useRoute } from '../route/route.ts'
import { Page } from '../shell/page.tsx'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { labCases } from './cases.ts'
import { type Conditions, type FrameName, frameNames, type LabKind, labKinds } from './frames.ts'
import { useLabWords } from './lab-words.ts'
import { Laboratory, PACE_MS } from './laboratory.ts'
import { useStoryWords } from './story-words.ts'
import './lab.css'

/** One record, three clients, and what happens when they disagree. */
export default function Lab() {
  const [run, setRun] = useState(newRun)
  const { query } = useRoute()
  const pace = Number(query.get('pace') ?? PACE_MS)
  return (
    <LabRun
      key={run}
      run={run}
      paceMs={Number.isNaN(pace) ? PACE_MS : pace}
      onAgain={() => setRun(newRun())}
    />
  )
}

const newRun = (): string => Math.random().toString(36).slice(2, 10)

interface LabRunProps {
  readonly run: string
  readonly paceMs: number
  readonly onAgain: () => void
}

const LabRun = ({ run, paceMs, onAgain }: LabRunProps) => {
  const words = useLabWords()
  const appWords = useAppWords()
  const laboratory = useMemo(() => new Laboratory(run, paceMs), [run, paceMs])
  const bench = useRef<HTMLDivElement>(null)
  useEffect(() => laboratory.start(), [laboratory])
  useSyncExternalStore(laboratory.subscribe, laboratory.version)
  return (
    <Page
      title={appWords.lab}
      isWide
      aside={
        <>
          <SegmentedControl
            aria-label={appWords.lab}
            value={laboratory.kind}
            onChange={value => {
              const kind = labKinds.find(each => each === value)
              if (kind !== undefined) laboratory.show(kind)
            }}
            data={labKinds.map((kind: LabKind) => ({ value: kind, label: words[kind] }))}
          />
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onAgain}>
            {words.again}
          </Button>
        </>
      }
    >
      <p className="lab-lead">{words.lead}</p>
      <div
        className="lab-cases"
        role="group"
        aria-label={words.cases}
        aria-busy={!laboratory.isReady || laboratory.playing !== null}
      >
        <span className="lab-cases-label">{appWords.beforeValue(words.cases)}</span>
        {labCases.map(each => (
          <Button
            key={each.key}
            size="sm"
            variant={laboratory.playing === each.key ? 'filled' : 'light'}
            disabled={!laboratory.isReady || (laboratory.playing !== null && laboratory.playing !== each.key)}
            leftSection={<IconPlayerPlay size={14} />}
            onClick={() => {
              bringIntoView(bench.current)
              void laboratory.play(each, words[each.key])
            }}
          >
            {words[each.key]}
          </Button>
        ))}
      </div>
      <div className="lab-bench" ref={bench}>
        <div className="lab-frames">
          {frameNames.map(frame => (
            <Framed key={frame} frame={frame} laboratory={laboratory} run={run} />
          ))}
        </div>
        <Timeline laboratory={laboratory} />
      </div>
    </Page>
  )
}

/** Where the screen is low, the story would be told beneath its edge. */
const bringIntoView = (bench: HTMLElement | null): void => {
  const story = bench?.querySelector('.lab-timeline')?.getBoundingClientRect()
  if (story !== undefined && story.top > innerHeight - 180)
    bench?.scrollIntoView({ block: 'start', behavior: 'smooth' })
}

interface FramedProps {
  readonly frame: FrameName
  readonly laboratory: Laboratory
  readonly run: string
}

const Framed = ({ frame, laboratory, run }: FramedProps) => {
  const words = useLabWords()
  const ref = useRef<HTMLIFrameElement>(null)
  useEffect(() => {
    laboratory.attach(frame, ref.current)
    return () => laboratory.attach(frame, null)
  }, [laboratory, frame])
  return (
    <section className="lab-frame card" aria-label={words[frame]} data-frame={frame}>
      <div className="lab-frame-head">
        <h2 className="lab-frame-name">{words[frame]}</h2>
        <Switch
          size="sm"
          labelPosition="left"
          label={
            <>
              <IconPlane size={15} aria-hidden /> <span className="lab-airplane">{words.airplane}</span>
            </>
          }
          checked={laboratory.conditionsOf(frame).isOffline}
          onChange={event => laboratory.setConditions(frame, { isOffline: event.currentTarget.checked })}
        />
      </div>
      <iframe ref={ref} title={words[frame]} src={`/lab/frame/${frame}?run=${run}`} />
      <Weather frame={frame} laboratory={laboratory} />
    </section>
  )
}

const hourMs = 3_600_000

const Weather = ({ frame, laboratory }: Omit<FramedProps, 'run'>) => {
  const words = useLabWords()
  const appWords = useAppWords()
  const format = useFormat()
  const { delayMs, skewMs } = laboratory.conditionsOf(frame)
  const set = (change: Partial<Conditions>): void => laboratory.setConditions(frame, change)
  const hours = Math.round(skewMs / hourMs)
  const clock =
    hours === 0
      ? words.clockRight
      : hours > 0
        ? words.clockAhead(format.number(hours))
        : words.clockBehind(format.number(-hours))
  return (
    <div className="lab-weather">
      <div className="lab-slider">
        <span>
          <IconGauge size={15} aria-hidden /> {appWords.beforeValue(words.slow)}{' '}
          {delayMs === 0 ? words.slowNone : words.slowValue(format.number(delayMs / 1000))}
        </span>
        <Slider
          size="sm"
          min={0}
          max={3_000}
          step={250}
          label={null}
          value={delayMs}
          onChange={value => set({ delayMs: value })}
          thumbLabel={`${words[frame]}: ${words.slow}`}
        />
      </div>
      <div className="lab-slider">
        <span>
          <IconClock size={15} aria-hidden /> {appWords.beforeValue(words.clock)} {clock}
        </span>
        <Slider
          size="sm"
          min={-24}
          max={24}
          step={1}
          label={null}
          value={hours}
          onChange={value => set({ skewMs: value * hourMs })}
          thumbLabel={`${words[frame]}: ${words.clock}`}
        />
      </div>
    </div>
  )
}

const Timeline = ({ laboratory }: { readonly laboratory: Laboratory }) => {
  const words = useLabWords()
  const format = useFormat()
  const tell = useStoryWords()
  const { entries } = laboratory.story
  return (
    <section className="card card-body lab-timeline" aria-label={words.timeline}>
      <h2 className="card-title">{words.timeline}</h2>
      {entries.length === 0 ? (
        <Empty isQuiet title={words.timelineEmpty} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard, too
        <ol className="lab-story" aria-live="polite" tabIndex={0}>
          {entries.map(entry => {
            const { sentence, why } = tell(entry)
            return (
              <li key={entry.id} data-frame={entry.frame ?? 'none'} data-tells={entry.fact.tells}>
                <time className="lab-story-time">{format.time(entry.at)}</time>
                <span className="lab-story-sentence">{sentence}</span>
                {why !== null && <span className="lab-story-why">{why}</span>}
              </li>
            )
          })}
        </ol>
      )}
    </section>
  )
}
