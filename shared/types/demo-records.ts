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
