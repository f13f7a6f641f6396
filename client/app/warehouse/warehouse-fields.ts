import type { useWarehouseWords } from './warehouse-words.ts'

/** Fields whose words are not named after them. */
export const warehouseFields = (
  words: ReturnType<typeof useWarehouseWords>,
): { readonly [field: string]: string } => ({
  manual: words.byHand,
  shortages: words.shortageList,
  zaduznice: words.tasks,
  closedAt: words.done,
})
