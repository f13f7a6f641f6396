// Yjs takes into a text whatever it is given, and breaks where that is to be encoded: by then it stands in the doc, of
// which nothing is sent or kept any more. So what cannot be encoded is refused before anything is changed.

import type * as Y from 'yjs'
import { isObject } from '../is-object.ts'
import { RecordError } from './record-error.ts'
import { runsScript } from './script-link.ts'
import { valueProblem } from './value.ts'

type Delta = readonly { readonly insert?: unknown; readonly attributes?: unknown }[]

const guarded = new WeakSet<Y.Text>()

export const guardText = (text: Y.Text, field: string): void => {
  if (guarded.has(text)) return
  guarded.add(text)
  const { insert, insertEmbed, format, applyDelta } = text
  text.insert = (index, words, attributes) => {
    assertWords(field, words)
    insert.call(text, index, wellFormed(words), formatsAsSent(field, attributes))
  }
  text.insertEmbed = (index, embed, attributes) => {
    insertEmbed.call(text, index, embedAsSent(field, embed), formatsAsSent(field, attributes))
  }
  text.format = (index, length, attributes) => {
    format.call(text, index, length, formatsAsSent(field, attributes) ?? {})
  }
  text.applyDelta = (delta: Delta, options) => {
    const fit = delta.map(op => {
      const { insert: inserted, attributes } = op
      const formats = attributes === undefined ? {} : { attributes: formatsAsSent(field, attributes) }
      if (isObject(inserted)) return { ...op, ...formats, insert: embedAsSent(field, inserted) }
      if (inserted === undefined) return { ...op, ...formats }
      assertWords(field, inserted)
      return { ...op, ...formats, insert: wellFormed(inserted) }
    })
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

const embedAsSent = (field: string, embed: unknown): object => {
  const sent = asSent(field, { embed })?.['embed']
  if (!isObject(sent) || Object.keys(sent).length === 0)
    throw unfit(field, 'takes an embed as an object, such as { image: … }')
  return sent
}

/** Pages are full of links that run a script, and they come along with what is copied there: it is taken without. */
const formatsAsSent = (field: string, formats: object | null | undefined) => {
  const sent = asSent(field, formats)
  return sent && Object.fromEntries(Object.entries(sent).filter(([name, value]) => !runsScript(name, value)))
}

/** Everybody else gets its JSON: an editor may give what a class made, or parts that are undefined. */
const asSent = (field: string, values: object | null | undefined): Record<string, unknown> | undefined => {
  if (values === null || values === undefined) return undefined
  const sent = Object.entries(values).map(([name, value]): [string, unknown] => {
    const json = jsonOf(value)
    if (valueProblem(json) !== null) throw unfit(field, `takes nothing that is no JSON, as its «${name}» is`)
    return [name, json]
  })
  return Object.fromEntries(sent)
}

const jsonOf = (value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch {
    return undefined
  }
}

/** Half of a character would be another one for everybody else. */
const wellFormed = (words: string): string => words.replace(/\p{Surrogate}/gu, '\ufffd')

const unfit = (path: string, sentence: string): RecordError =>
  new RecordError([{ code: 'BAD_VALUE', path, sentence }])
