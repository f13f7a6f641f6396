export { type Cell, type LiveCell, SERVER_AUTHOR } from './record/cell.ts'
export { type Clock, type ClockSource, createClock, type Stamp, stampToMs } from './record/clock.ts'
export {
  type Access,
  type ActionContext,
  type ActionSpec,
  type ActionsOf,
  type AnyView,
  type Change,
  defineRecord,
  type FieldsOf,
  type Level,
  type Me,
  type Notice,
  type Patch,
  parseRoomName,
  type RecordType,
  type RowOf,
  type Rule,
  type Signal,
  type TypedRecord,
  type View,
  type ViewOf,
} from './record/define-record.ts'
export {
  type BlobRef,
  blob,
  bool,
  counter,
  date,
  type EntryOf,
  integer,
  json,
  list,
  log,
  money,
  number,
  oneOf,
  ref,
  setOf,
  text,
  time,
} from './record/field.ts'
export { claim, type Filter, matches, type Row } from './record/filter.ts'
export { type OpenRecord, openRecord } from './record/open-record.ts'
export { escapeSegment, joinPath, splitPath, unescapeSegment } from './record/path.ts'
export type { ActionState, FieldState, FieldValue, RecordConflict, RecordOptions } from './record/record.ts'
export { type Problem, RecordError } from './record/record-error.ts'
export type { UndoResult } from './record/undo.ts'
export type { Value } from './record/value.ts'
