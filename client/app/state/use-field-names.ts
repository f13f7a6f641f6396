// What the fields of every type are called, for what tells of records of all workspaces at once. It brings the texts of
// them all, so it is loaded with what needs it and not before.

import { useConstructionWords } from '../construction/construction-words.ts'
import { useSalesWords } from '../sales/sales-words.ts'
import { useSchedulingWords } from '../scheduling/scheduling-words.ts'
import { useFieldServiceWords } from '../tickets/field-service-words.ts'
import { useTicketWords } from '../tickets/ticket-words.ts'
import { useWarehouseWords } from '../warehouse/warehouse-words.ts'
import { warehouseFields } from '../warehouse/warehouse-fields.ts'
import { schedulingFields } from '../scheduling/scheduling-fields.ts'
import { fieldNameIn } from '../words/field-name-in.ts'

export const useFieldNames = (): ((type: string, path: string) => string) => {
  const tickets = useTicketWords()
  const service = useFieldServiceWords()
  const sales = useSalesWords()
  const warehouse = useWarehouseWords()
  const construction = useConstructionWords()
  const scheduling = useSchedulingWords()
  return (type, path) => {
    switch (type) {
      case 'ticket':
        return fieldNameIn(tickets, path)
      case 'site':
      case 'shipment':
      case 'inventory':
      case 'tech':
        return fieldNameIn(service, path, { user: service.signsInAs })
      case 'estimate':
      case 'order':
        return fieldNameIn(sales, path, { orderId: sales.order, orderNumber: sales.order })
      case 'trebovanje':
        return fieldNameIn(warehouse, path, warehouseFields(warehouse))
      case 'availability':
        return fieldNameIn(scheduling, path, schedulingFields(scheduling))
      default:
        return fieldNameIn(construction, path, { lines: construction.line })
    }
  }
}
