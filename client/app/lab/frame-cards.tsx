// The lab's three records, small enough for a third of a screen; on the wall large, and without anything to press.

import { Button, Progress } from '@mantine/core'
import { IconBarcode } from '@tabler/icons-react'
import { LabEstimate, LabTicket, LabTrebovanje } from '../../../shared/index.ts'
import { useAction, useField, useRecord } from '../../react/index.ts'
import { FieldFrame } from '../fields/field-frame.tsx'
import { LineField } from '../fields/line-field.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { SelectField } from '../fields/select-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { NotReady } from '../record-page/record-page.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { useNameOf } from '../session/directory.tsx'
import { useMyId } from '../session/use-my-id.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { StatusChip } from '../tickets/chips.tsx'
import { priorityChoices } from '../tickets/ticket-choices.ts'
import { useTicketWords } from '../tickets/ticket-words.ts'
import { useAppWords } from '../words/app-words.ts'
import { useLabWords } from './lab-words.ts'

interface CardProps {
  readonly id: string
  readonly isWall: boolean
}

export const TicketCard = ({ id, isWall }: CardProps) => {
  const words = useLabWords()
  const appWords = useAppWords()
  const ticketWords = useTicketWords()
  const { view, state, error, record } = useRecord(LabTicket, id)
  if (view === undefined) return <Preparing state={state} trouble={error} />
  if (isWall) return <TicketOnWall id={id} />
  return (
    <section className="card card-body lab-card" aria-label={words.ticket}>
      {view.removed && (
        <div className="removed-banner" role="status">
          <strong>{appWords.removed}</strong>
          <Button size="compact-sm" variant="default" onClick={() => tryTo(() => record?.restore())}>
            {appWords.restore}
          </Button>
        </div>
      )}
      <LineField type={LabTicket} id={id} path="title" label={words.title} />
      <div className="lab-pair">
        <SelectField
          type={LabTicket}
          id={id}
          path="priority"
          label={words.priority}
          choices={priorityChoices(ticketWords)}
        />
        <NumberField type={LabTicket} id={id} path="quote" label={words.price} kind="money" />
      </div>
      <Claim id={id} />
      {!view.removed && (
        <Button
          size="compact-sm"
          variant="subtle"
          c="var(--red-text)"
          color="red"
          onClick={() => tryTo(() => record?.remove())}
        >
          {words.delete}
        </Button>
      )}
    </section>
  )
}

const Claim = ({ id }: { readonly id: string }) => {
  const words = useLabWords()
  const nameOf = useNameOf()
  const me = useMyId()
  const field = useField(LabTicket, id, 'claimedBy')
  const isMine = field.value === me
  return (
    <FieldFrame
      type={LabTicket}
      id={id}
      path="claimedBy"
      label={words.claimedBy}
      show={value => nameOf(String(value ?? ''))}
    >
      {(_, inputId) => (
        <div className="lab-claim">
          <output id={inputId}>{field.value == null ? words.nobodyYet : nameOf(String(field.value))}</output>
          <Button
            size="compact-sm"
            variant={isMine ? 'default' : 'filled'}
            onClick={() => field.set(isMine ? null : me)}
          >
            {isMine ? words.release : words.claim}
          </Button>
        </div>
      )}
    </FieldFrame>
  )
}

const TicketOnWall = ({ id }: { readonly id: string }) => {
  const words = useLabWords()
  const appWords = useAppWords()
  const ticketWords = useTicketWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const { view } = useRecord(LabTicket, id)
  const price = useField(LabTicket, id, 'quote')
  if (view === undefined) return null
  return (
    <section className="lab-wall" aria-label={words.ticket}>
      <JustChanged of={view.title} className="lab-wall-title">
        {view.title}
      </JustChanged>
      {view.removed ? (
        <span className="lab-wall-removed">{appWords.removed}</span>
      ) : (
        <StatusChip status={view.status} />
      )}
      <dl className="lab-wall-facts">
        <dt>{words.priority}</dt>
        <dd>
          <JustChanged of={view.priority}>{ticketWords[`priority_${view.priority}`]}</JustChanged>
        </dd>
        <dt>{words.claimedBy}</dt>
        <dd>
          <JustChanged of={view.claimedBy}>
            {view.claimedBy === null ? '–' : nameOf(view.claimedBy)}
          </JustChanged>
        </dd>
        <dt>{words.price}</dt>
        <dd>
          <JustChanged of={view.quote}>{view.quote === null ? '–' : format.money(view.quote)}</JustChanged>
          {price.conflict.length > 0 && <span className="conflict-chip">{appWords.conflictOpen}</span>}
        </dd>
      </dl>
    </section>
  )
}

export const EstimateCard = ({ id, isWall }: CardProps) => {
  const words = useLabWords()
  const appWords = useAppWords()
  const format = useFormat()
  const { view, state, error } = useRecord(LabEstimate, id)
  const convert = useAction(LabEstimate, id, 'convert')
  if (view === undefined) return <Preparing state={state} trouble={error} />
  return (
    <section className={isWall ? 'lab-wall' : 'card card-body lab-card'} aria-label={words.estimate}>
      {isWall ? (
        <span className="lab-wall-title">
          {view.number ?? appWords.provisional} {view.customer}
        </span>
      ) : (
        <LineField type={LabEstimate} id={id} path="customer" label={words.customer} />
      )}
      {!isWall &&
        view.lines.map(line => (
          <NumberField
            key={line.id}
            type={LabEstimate}
            id={id}
            path={`lines/${line.id}/price`}
            label={words.lineOf(`${format.number(line.quantity ?? 0)} × ${line.name ?? ''}`)}
            kind="money"
          />
        ))}
      <div className="lab-total">
        <span>{words.total}</span>
        <JustChanged of={view.total} className="num">
          {format.money(view.total)}
        </JustChanged>
      </div>
      {view.orderNumber !== null ? (
        <JustChanged of={view.orderNumber} className="lab-order">
          {words.order(view.orderNumber)}
        </JustChanged>
      ) : (
        !isWall && (
          <Button
            className={convert.state === 'requested' ? 'tentative' : ''}
            onClick={() => convert.run()}
            rightSection={convert.state === 'requested' && <StateDot save="on device" />}
          >
            {convert.state === 'requested' ? words.convertWaits : words.convert}
          </Button>
        )
      )}
      {convert.state === 'refused' && <p className="field-problem">{convert.reason}</p>}
    </section>
  )
}

export const TrebovanjeCard = ({ id, isWall }: CardProps) => {
  const words = useLabWords()
  const format = useFormat()
  const { view, state, error, record, status } = useRecord(LabTrebovanje, id)
  if (view === undefined) return <Preparing state={state} trouble={error} />
  const scanOne = (): void => {
    const item = view.picked.find(({ picked, required }) => picked < required) ?? view.picked[0]
    if (item !== undefined)
      tryTo(() => record?.log('scans').add({ item: item.id, code: item.sku, quantity: 1 }))
  }
  return (
    <section className={isWall ? 'lab-wall' : 'card card-body lab-card'} aria-label={words.trebovanje}>
      <span className={isWall ? 'lab-wall-title' : 'lab-card-title'}>{view.customer}</span>
      <div className="lab-scans">
        <JustChanged of={view.scans.length} className="lab-scan-count">
          {format.number(view.scans.length)}
        </JustChanged>{' '}
        {words.scans} <StateDot save={status.save} />
      </div>
      <Progress value={view.progress} size={isWall ? 'xl' : 'lg'} aria-label={words.picked} />
      <ul className="lab-items">
        {view.picked.map(item => (
          <li key={item.id}>
            <span>{item.name}</span>
            <JustChanged of={item.picked} className="num">
              {format.number(item.picked)} / {format.number(item.required)}
            </JustChanged>
          </li>
        ))}
      </ul>
      {!isWall && (
        <Button size="md" leftSection={<IconBarcode size={20} />} onClick={scanOne}>
          {words.scan}
        </Button>
      )}
    </section>
  )
}

/** The office makes the records; the others see them come. */
const Preparing = ({ state, trouble }: Pick<Parameters<typeof NotReady>[0], 'state' | 'trouble'>) => {
  const words = useLabWords()
  if (state === 'absent' || state === 'loading') return <p className="lab-preparing">{words.preparing}</p>
  return <NotReady state={state} trouble={trouble ?? null} />
}
