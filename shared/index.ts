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
  assign,
  availabilityId,
  busEvents,
  decompteLines,
  decompteTotals,
  demoRecords,
  drawUp,
  legacyMessage,
  lineAmount,
  measuredQuantity,
  metresToDate,
  nextFreeSlot,
  statusPatch,
  sumQuantities,
  timeOfDay,
  toDecimal,
  tvDelta,
  type BusEvent,
  type Booking,
  type DecompteTotals,
  type FreeSlot,
  type HourOfWork,
  type PickedItem,
  type Slot,
  type Task,
  type TrebovanjeStatus,
} from './types/index.ts'
export { entryIdsOf, Inbox, type InboxItem, inboxRoom } from './types/inbox.ts'
export { choicesFor, isToldIn, toldByDefault, type ToldIn } from './types/inbox-preferences.ts'
export { commonNoticeKinds, type NoticeKind, noticeKinds } from './types/notice-kinds.ts'
export { noticeIn, type NoticeLine } from './types/notice-sentences.ts'
export { refusalIn } from './types/refusal-sentences.ts'
export { roleIn } from './types/role-words.ts'
export { fieldNameAt } from './record/slot.ts'
export { fieldIn, titleIn, type LanguageWords, type RecordWords, type Say } from './record/words.ts'
