// The public entry `corecord/react`: its names, one by one.
export { DeskProvider, useDesk } from './desk-context.tsx'
export { Inspector } from './inspector.tsx'
export {
  Avatars,
  type AvatarsProps,
  type ConflictInView,
  ConflictPicker,
  type ConflictPickerProps,
  SyncBadge,
  type SyncBadgeProps,
} from './parts.tsx'
export { type BindQuillOptions, bindQuill, type QuillEditor } from '../editor/bind-quill.ts'
export { RichText, type RichTextProps } from './rich-text.tsx'
export { TextInput, type TextInputProps } from './text-input.tsx'
export { type UsedAction, useAction } from './use-action.ts'
export { type UsedBelonging, useBelonging, useEvents, useMine, useRefreshOnChange } from './use-events.ts'
export { type UsedField, useField } from './use-field.ts'
export { type UsedFile, useFile } from './use-file.ts'
export { type UsedInbox, useInbox } from './use-inbox.ts'
export { type UsedWorkingSet, useKeepOffline } from './use-keep-offline.ts'
export { type UsedList, useList } from './use-list.ts'
export { type UsedPresence, usePresence } from './use-presence.ts'
export { useLocked } from './use-locked.ts'
export { type UsedRecord, useRecord } from './use-record.ts'
export { type UsedDigest, type UsedSync, type UsedTray, useDigest, useSync, useTray } from './use-sync.ts'
export { type UsedText, useText } from './use-text.ts'
