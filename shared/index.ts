export { describeChange, entryAt, verbOf } from './record/change.ts'
export { type Cell, type LiveCell, SERVER_AUTHOR } from './record/cell.ts'
export { type Clock, type ClockSource, createClock, type Stamp, stampToMs } from './record/clock.ts'
export { defineRecord } from './record/define-record.ts'
export type {
  Access,
  ActionContext,
  ActionSpec,
  ActionsOf,
  AnyView,
  ArgsOf,
  Change,
  DerivedBy,
  FieldsOf,
  Level,
  Me,
  Message,
  NewValues,
  Notice,
  Patch,
  RecordType,
  RowOf,
  Rule,
  Signal,
  TypedRecord,
  View,
  ViewOf,
} from './record/record-type.ts'
export { localId, parseRoomName } from './record/room-name.ts'
export {
  type BlobRef,
  blob,
  bool,
  type CellField,
  counter,
  type CounterField,
  date,
  type EntryOf,
  integer,
  json,
  list,
  type ListField,
  log,
  type LogField,
  money,
  number,
  oneOf,
  ref,
  type RequiredField,
  type SetField,
  setOf,
  text,
  type TextField,
  time,
} from './record/field.ts'
export { claim, type Filter, matches, type Row } from './record/filter.ts'
export {
  type OpenRecord,
  openRecord,
  type TypedCounter,
  type TypedList,
  type TypedLog,
  type TypedUnion,
} from './record/open-record.ts'
export { escapeSegment, joinPath, splitPath, unescapeSegment } from './record/path.ts'
export type { ActionState, FieldState, FieldValue, RecordConflict, RecordOptions } from './record/record.ts'
export { type Problem, RecordError } from './record/record-error.ts'
export type { UndoResult } from './record/undo.ts'
export type { Value } from './record/value.ts'
export { lineAmount, sumQuantities, toDecimal } from './types/amount.ts'
export { Attachment, Periode, Photo, Project, Pv, busEvents, type BusEvent } from './types/construction.ts'
export {
  decompteLines,
  decompteTotals,
  measuredQuantity,
  metresToDate,
  type DecompteTotals,
} from './types/decompte.ts'
export { demoRecords } from './types/demo-records.ts'
export { LabEstimate, LabOrder, LabTicket, LabTrebovanje } from './types/lab.ts'
export { User } from './types/people.ts'
export type { HourOfWork, PickedItem, Task, TrebovanjeStatus } from './types/picking.ts'
export { Estimate, Order, legacyMessage } from './types/point-of-sale.ts'
export { Bordereau, Decompt, Metre, drawUp } from './types/quantities.ts'
export {
  Availability,
  availabilityId,
  nextFreeSlot,
  timeOfDay,
  type Booking,
  type FreeSlot,
  type Slot,
} from './types/scheduling.ts'
export { Ticket, statusPatch } from './types/ticket.ts'
export { Inventory, Shipment, Site, Tech } from './types/ticketing.ts'
export { Trebovanje, assign, tvDelta } from './types/warehouse.ts'
export { entryIdsOf, Inbox, type InboxItem, inboxRoom } from './types/inbox.ts'
export { choicesFor, isToldIn, toldByDefault, type ToldIn } from './types/inbox-preferences.ts'
export { commonNoticeKinds, type NoticeKind, noticeKinds } from './types/notice-kinds.ts'
export { noticeIn, type NoticeLine } from './types/notice-sentences.ts'
export { refusalIn } from './types/refusal-sentences.ts'
export { roleIn } from './types/role-words.ts'
export { fieldNameAt } from './record/slot.ts'
export { fieldIn, titleIn, type LanguageWords, type RecordWords, type Say } from './record/words.ts'
