import { useState } from 'react'
import { Estimate } from '../../../shared/index.ts'
import { useFormat } from '../format/use-format.ts'
import { FilterChips } from '../list-page/filter-chips.tsx'
import { ListPage } from '../list-page/list-page.tsx'
import { useAppWords } from '../words/app-words.ts'
import { saleColumns, saleMain } from './sale-columns.tsx'
import { useSalesWords } from './sales-words.ts'

export const EstimateList = () => {
  const words = useAppWords()
  const salesWords = useSalesWords()
  const format = useFormat()
  const [isConverted, setIsConverted] = useState(false)
  return (
    <ListPage
      type={Estimate}
      title={words.estimates}
      create={{ label: salesWords.newEstimate, values: { customer: null } }}
      firstOrder={{ field: 'created', direction: 'desc' }}
      search={salesWords.search}
      filters={
        <FilterChips
          value={isConverted}
          onChange={setIsConverted}
          choices={[
            [false, salesWords.open],
            [true, salesWords.converted],
          ]}
        />
      }
      where={{ isConverted }}
      main={saleMain(salesWords)}
      columns={[
        ...saleColumns(salesWords, format),
        ...(isConverted
          ? [
              {
                key: 'order',
                label: salesWords.order,
                cell: (row: { readonly orderNumber: string | null }) => row.orderNumber,
              },
            ]
          : []),
      ]}
    />
  )
}
