// A list's whole page from its columns: title, the button that makes a new record, what is searched and filtered,
// the live table.

import { IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Filter, RecordType, RowOf } from '../../../shared/index.ts'
import { type UsedList, useList } from '../../react/index.ts'
import { useMayCreate } from '../record-page/use-may-create.ts'
import { pathTo } from '../route/route.ts'
import { Page } from '../shell/page.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useCreateRecord } from './create-record.ts'
import { type NewRecord, NewRecordButton } from './new-record.tsx'
import { type Column, type MainColumn, type Order, RecordTable } from './record-table.tsx'
import { SearchBox } from './search-box.tsx'
import { stampColumns } from './stamp-columns.tsx'
import { useView } from './use-view.ts'

interface ListPageProps<T extends RecordType> {
  readonly type: T
  readonly title: string
  /** The first column, which is the link to the record. */
  readonly main: MainColumn<RowOf<T>>
  readonly columns: readonly Column<RowOf<T>>[]
  readonly firstOrder: Order
  /** A new one, for whoever may make it. */
  readonly create?: NewRecord<T> & { readonly label: string }
  /** What words are looked for in; a list without it has its own box among the filters. */
  readonly search?: string
  readonly filters?: ReactNode
  /** What the filters ask for. */
  readonly where?: Filter
  readonly isFiltered?: boolean
  readonly onClearFilter?: () => void
  readonly emptyText?: string
}

export const ListPage = <T extends RecordType>(props: ListPageProps<T>) => {
  const { type, title, main, columns, firstOrder, create, search, filters, where, isFiltered, emptyText } =
    props
  const words = useAppWords()
  const createRecord = useCreateRecord()
  const mayCreate = useMayCreate(type)
  const [text, setText] = useView(`${type.name} text`, '')
  const [order, setOrder] = useView(`${type.name} order`, firstOrder)
  const sought = text.trim()
  const list = useList(type as RecordType, {
    where: { ...where, ...(sought === '' ? {} : { $text: sought }) },
    orderBy: [order.field, order.direction],
    limit: 50,
    count: true,
    presence: true,
    // A type that is not known here still has the rows that its columns were written for.
  }) as unknown as UsedList<T>
  const isSought = sought !== ''
  return (
    <Page
      title={title}
      isWide
      aside={
        create !== undefined &&
        mayCreate && (
          <NewRecordButton
            about={type.name}
            first={create}
            leftSection={<IconPlus size={16} />}
            onMake={values => createRecord(type, values)}
          >
            {create.label}
          </NewRecordButton>
        )
      }
    >
      <div className="filters" role="search" aria-label={title}>
        {search !== undefined && <SearchBox label={search} value={text} onChange={setText} />}
        {filters}
      </div>
      <RecordTable
        list={list}
        label={title}
        main={main}
        columns={[...columns, ...stampColumns<T>(words)]}
        to={row => pathTo(type, row.id)}
        order={order}
        onOrder={setOrder}
        isFiltered={isFiltered === true || isSought}
        onClearFilter={() => {
          setText('')
          props.onClearFilter?.()
        }}
        {...(emptyText === undefined ? {} : { emptyText })}
      />
    </Page>
  )
}
