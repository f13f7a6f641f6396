import { Estimate, Order } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { LineField } from '../fields/line-field.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { RecordTitle } from '../state/record-title.tsx'
import { useAppWords } from '../words/app-words.ts'
import { DocumentNumber } from './provisional.tsx'
import { SaleLines } from './sale-lines.tsx'
import { useSalesWords } from './sales-words.ts'

export const OrderPage = ({ id }: { readonly id: string }) => {
  const words = useAppWords()
  const salesWords = useSalesWords()
  const mayRemove = useHasRole('office')
  const { view } = useRecord(Order, id)
  return (
    <RecordPage
      type={Order}
      id={id}
      title={view === undefined ? '' : `${salesWords.order} ${view.customer ?? ''}`.trim()}
      back={{ to: '/sales/orders', label: words.orders }}
      badge={view !== undefined && <DocumentNumber number={view.number} />}
      canRemove={mayRemove}
      first={{ values: { customer: null } }}
    >
      {view !== undefined && (
        <div className="record-stack">
          <section className="card card-body">
            <div className="field-grid sale-head">
              <LineField type={Order} id={id} path="customer" label={salesWords.customer} />
              <LineField type={Order} id={id} path="note" label={salesWords.note} />
              {view.estimate !== null && (
                <div className="field">
                  <div className="field-head">
                    <span className="field-label">{salesWords.ofEstimate}</span>
                  </div>
                  <Link to={pathTo(Estimate, view.estimate)}>
                    <RecordTitle room={view.estimate} />
                  </Link>
                </div>
              )}
            </div>
          </section>
          <SaleLines type={Order} id={id} lines={view.lines} total={view.total} />
        </div>
      )}
    </RecordPage>
  )
}
