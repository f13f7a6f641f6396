// A link that runs a script in the page of whoever follows it. Not every editor looks where a link leads.

import { isObject } from '../is-object.ts'

const SCRIPT = /^(?:javascript|vbscript):/i
const LEADS: ReadonlySet<string> = new Set(['link', 'href', 'src', 'url', 'video'])

/** Of a format, or of an embed: a text by itself, or anywhere within a list or an object. */
export const runsScript = (name: string, value: unknown): boolean => {
  // What a browser passes over in an address is passed over here.
  if (typeof value === 'string') return LEADS.has(name) && SCRIPT.test(value.replace(/[\p{Cc}\s]/gu, ''))
  if (Array.isArray(value)) return value.some(one => runsScript(name, one))
  return (
    isObject(value) &&
    Object.entries(value).some(([part, one]) => runsScript(LEADS.has(name) ? name : part, one))
  )
}
