// Yjs takes into a text whatever it is given, and breaks where that is to be encoded: by then it stands in the doc, of
// which nothing is sent or kept any more. So what cannot be encoded is refused before anything is changed.

import type * as Y from 'yjs'
import { isObject } from '../wire/shape.ts'
import { RecordError } from './record-error.ts'
import { valueProblem } from './value.ts'

type Delta = readonly { readonly insert?: unknown; readonly attributes?: unknown }[]

const guarded = new WeakSet<Y.Text>()

export const guardText = (text: Y.Text, field: string): void => {
  if (guarded.has(text)) return
  guarded.add(text)
  const { insert, insertEmbed, format, applyDelta } = text
  text.insert = (index, words, attributes) => {
    assertWords(field, words)
    assertEncodable(field, attributes)
    insert.call(text, index, wellFormed(words), attributes)
  }
  text.insertEmbed = (index, embed, attributes) => {
    assertEmbed(field, embed)
    assertEncodable(field, attributes)
    insertEmbed.call(text, index, embed, attributes)
  }
  text.format = (index, length, attributes) => {
    assertEncodable(field, attributes)
    format.call(text, index, length, attributes)
  }
  text.applyDelta = (delta: Delta, options) => {
    for (const { insert: inserted, attributes } of delta) {
      if (isObject(inserted)) assertEmbed(field, inserted)
      else if (inserted !== undefined) assertWords(field, inserted)
      assertEncodable(field, attributes)
    }
    const fit = delta.map(op =>
      typeof op.insert === 'string' ? { ...op, insert: wellFormed(op.insert) } : op,
    )
    applyDelta.call(text, fit, options)
  }
  text.setAttribute = () => {
    throw unfit(field, 'has formats where its letters are, and no attribute of its own')
  }
}

function assertWords(field: string, words: unknown): asserts words is string {
  if (typeof words !== 'string')
    throw unfit(field, `takes a text, and no ${words === null ? 'null' : typeof words}`)
}

const assertEmbed = (field: string, embed: unknown): void => {
  if (!isObject(embed)) throw unfit(field, 'takes an embed as an object, such as { image: … }')
  assertEncodable(field, { embed })
}

const assertEncodable = (field: string, values: unknown): void => {
  for (const [name, value] of Object.entries(values ?? {}))
    if (valueProblem(value) !== null) throw unfit(field, `takes nothing that is no JSON, as its «${name}» is`)
}

/** Half of a character would be another one for everybody else. */
const wellFormed = (words: string): string => words.replace(/\p{Surrogate}/gu, '\ufffd')

const unfit = (path: string, sentence: string): RecordError =>
  new RecordError([{ code: 'BAD_VALUE', path, sentence }])
