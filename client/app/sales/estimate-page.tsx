import { Button } from '@mantine/core'
import { IconArrowRight, IconCheck, IconReceipt } from '@tabler/icons-react'
import { Estimate, Order } from '../../../shared/index.ts'
import { useAction, useRecord } from '../../react/index.ts'
import { LineField } from '../fields/line-field.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useTypeWords } from '../words/type-words.ts'
import { DocumentNumber } from './provisional.tsx'
import { SaleLines } from './sale-lines.tsx'
import { useSalesWords } from './sales-words.ts'

export const EstimatePage = ({ id }: { readonly id: string }) => {
  const words = useAppWords()
  const salesWords = useSalesWords()
  const { view } = useRecord(Estimate, id)
  return (
    <RecordPage
      type={Estimate}
      id={id}
      title={view === undefined ? '' : `${salesWords.estimate} ${view.customer ?? ''}`.trim()}
      back={{ to: '/sales/estimates', label: words.estimates }}
      badge={view !== undefined && <DocumentNumber number={view.number} />}
      actions={<Convert id={id} />}
      canRemove
      first={{ values: { customer: null } }}
    >
      {view !== undefined && (
        <div className="record-stack">
          {view.orderNumber !== null && view.orderId !== null && (
            <div className="sale-done" role="status">
              <IconCheck size={18} aria-hidden />
              <span>{salesWords.convertedTo(view.orderNumber)}</span>
              <Link to={pathTo(Order, view.orderId)}>
                {salesWords.toOrder} <IconArrowRight size={14} aria-hidden />
              </Link>
            </div>
          )}
          <section className="card card-body">
            <div className="field-grid sale-head">
              <LineField type={Estimate} id={id} path="customer" label={salesWords.customer} />
              <LineField type={Estimate} id={id} path="note" label={salesWords.note} />
            </div>
          </section>
          <SaleLines type={Estimate} id={id} lines={view.lines} total={view.total} />
        </div>
      )}
    </RecordPage>
  )
}

/** One estimate, one order: whoever presses and however often, off line too. */
const Convert = ({ id }: { readonly id: string }) => {
  const words = useSalesWords()
  const { view, record } = useRecord(Estimate, id)
  const { reason: reasonIn } = useTypeWords()
  const { run, state, reason, problem } = useAction(Estimate, id, 'convert')
  if (view === undefined || view.isConverted || record?.status.readOnly === true) return null
  const isWaiting = state === 'requested'
  const why = problem ?? (state === 'refused' && reason !== null ? { sentence: reason } : null)
  return (
    <>
      {why !== null && (
        <span className="field-problem" role="alert">
          {words.notConverted(reasonIn(Estimate, why))}
        </span>
      )}
      <Button
        leftSection={<IconReceipt size={16} />}
        rightSection={isWaiting && <StateDot save="on device" />}
        className={isWaiting ? 'tentative' : ''}
        disabled={view.lines.length === 0}
        onClick={() => run()}
      >
        {isWaiting ? words.convertWaits : words.convert}
      </Button>
    </>
  )
}
