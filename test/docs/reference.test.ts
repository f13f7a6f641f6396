import { expect, test } from 'vitest'
import * as react from '../../client/react/index.ts'
import type { Desk } from '../../client/desk.ts'
import type { LiveRecord } from '../../client/record/live-record.ts'
import { defineRecord } from '../../shared/index.ts'
import * as builders from '../../shared/record/field.ts'
import { readPage } from './markdown-pages.ts'

const page = readPage('docs/reference.md').text
const partOf = (heading: string): string => {
  const rest = page.slice(page.indexOf(`\n## ${heading}\n`) + 1)
  return rest.slice(0, rest.indexOf('\n## ', 1) >>> 0)
}
const missingIn = (heading: string, names: readonly string[]): string[] => {
  const code = [...partOf(heading).matchAll(/`([^`]+)`/g)].map(([, text]) => text).join('\n')
  return names.filter(name => !new RegExp(`(?<![\\w])${name}(?![\\w])`).test(code))
}

test('every kind of field is there', () => {
  const { assertFieldName, assertPartsOfEntry, isFieldName, matchesType, text, ...fields } = builders
  expect(
    missingIn('Fields', [...Object.keys(fields), ...Object.keys(text).map(kind => `text\\.${kind}`)]),
  ).toEqual([])
})

test('every part of a record type is there', () => {
  const parts = Object.keys(defineRecord('any', { fields: {} })).filter(part => part !== 'name')
  expect(parts.length).toBeGreaterThan(10)
  expect(missingIn('A record type', parts)).toEqual([])
})

test('every hook and part for React is there', () => {
  expect(missingIn('React', Object.keys(react))).toEqual([])
})

test('what is named of the desk, the desk has', () => {
  const named = [
    'open',
    'create',
    'list',
    'belonging',
    'mine',
    'keepOffline',
    'files',
    'inbox',
    'events',
    'tray',
    'digest',
    'status',
    'ready',
    'me',
    'goOffline',
    'goOnline',
    'push',
    'pull',
    'sync',
    'signOut',
    'subscribe',
  ] as const satisfies readonly (keyof Desk)[]
  expect(missingIn('The desk', named)).toEqual([])
})

test('all that a record has is there', () => {
  const named: { readonly [K in keyof LiveRecord]-?: true } = {
    type: true,
    id: true,
    room: true,
    state: true,
    error: true,
    view: true,
    status: true,
    conflicts: true,
    updated: true,
    presence: true,
    generation: true,
    actions: true,
    canUndo: true,
    canRedo: true,
    field: true,
    locked: true,
    set: true,
    write: true,
    settle: true,
    list: true,
    log: true,
    counter: true,
    union: true,
    text: true,
    act: true,
    action: true,
    remove: true,
    restore: true,
    together: true,
    undo: true,
    redo: true,
    subscribe: true,
    whenReady: true,
    whenCurrent: true,
    whenSaved: true,
    close: true,
  }
  expect(missingIn('A record', Object.keys(named))).toEqual([])
})
