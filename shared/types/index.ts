// The record types of the five systems, which the demo serves. For a sixth, copy `scheduling.ts`, the smallest
// that has everything, and add its types to `demoRecords`, or give them to `createServer({ records })`.

import type { RecordType } from '../record/record-type.ts'
import { Attachment, Periode, Photo, Project, Pv } from './construction.ts'
import { LabEstimate, LabOrder, LabTicket, LabTrebovanje } from './lab.ts'
import { User } from './people.ts'
import { Estimate, Order } from './point-of-sale.ts'
import { Bordereau, Decompt, Metre } from './quantities.ts'
import { Availability } from './scheduling.ts'
import { Ticket } from './ticket.ts'
import { Inventory, Shipment, Site, Tech } from './ticketing.ts'
import { Trebovanje } from './warehouse.ts'

export { lineAmount, sumQuantities, toDecimal } from './amount.ts'
export { type BusEvent, busEvents } from './construction.ts'
export {
  decompteLines,
  decompteTotals,
  type DecompteTotals,
  measuredQuantity,
  metresToDate,
} from './decompte.ts'
export type { HourOfWork, PickedItem, Task, TrebovanjeStatus } from './picking.ts'
export { legacyMessage } from './point-of-sale.ts'
export { drawUp } from './quantities.ts'
export {
  availabilityId,
  type Booking,
  type FreeSlot,
  nextFreeSlot,
  type Slot,
  timeOfDay,
} from './scheduling.ts'
export { statusPatch } from './ticket.ts'
export { assign, tvDelta } from './warehouse.ts'
export {
  Attachment,
  Availability,
  Bordereau,
  Decompt,
  Estimate,
  Inventory,
  LabEstimate,
  LabOrder,
  LabTicket,
  LabTrebovanje,
  Metre,
  Order,
  Periode,
  Photo,
  Project,
  Pv,
  Shipment,
  Site,
  Tech,
  Ticket,
  Trebovanje,
  User,
}

export const demoRecords: readonly RecordType[] = [
  User,
  Trebovanje,
  Project,
  Bordereau,
  Periode,
  Metre,
  Decompt,
  Photo,
  Pv,
  Attachment,
  Ticket,
  Site,
  Shipment,
  Inventory,
  Tech,
  Estimate,
  Order,
  Availability,
  LabTicket,
  LabEstimate,
  LabOrder,
  LabTrebovanje,
]
