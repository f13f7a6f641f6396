// What an operator says of a webhook to be set up, over HTTP or in a settings file.

import { HttpProblem } from '../http/problem.ts'
import type { Webhook } from './webhook-record.ts'
import type { FileWebhook, WebhookWish } from './webhooks.ts'

/** What settings name: a list of webhooks, each with its secret. */
export const parseWebhooks = (
  list: unknown,
  types: { has(name: string): boolean },
): readonly FileWebhook[] => {
  if (!Array.isArray(list)) throw new TypeError('it must be a list')
  const urls = new Set<string>()
  return list.map(item => {
    const wish = ofKnownTypes(parseWish(item), types)
    // It is known by its address: the second would take the place of the first.
    if (urls.has(wish.url)) return bad('url', `another for each webhook, and ${wish.url} is named twice`)
    urls.add(wish.url)
    return wish.secret === undefined
      ? bad('secret', 'given for each webhook')
      : { ...wish, secret: wish.secret }
  })
}

export const parseWish = (body: unknown): WebhookWish => {
  const given: unknown = typeof body === 'object' && body !== null ? body : {}
  const { url, types, as, note, secret } = given as Record<string, unknown>
  return {
    url: parseUrl(url),
    ...(types === undefined || types === null ? {} : { types: texts(types, 'types') }),
    ...(note === undefined ? {} : { note: text(note, 'note') }),
    ...(secret === undefined ? {} : { secret: parseSecret(secret) }),
    ...(as === undefined || as === null ? {} : { as: parseAs(as) }),
  }
}

/** One that waited for what no record can bring would look as if all were well. */
export const ofKnownTypes = <T extends WebhookWish>(wish: T, types: { has(name: string): boolean }): T => {
  const unknown = wish.types?.find(name => !types.has(name))
  if (unknown !== undefined)
    throw new HttpProblem('NO_SUCH_TYPE', `Check the type: this server has no record type «${unknown}».`, [
      'types',
    ])
  return wish
}

const bad = (name: string, wanted: string): never => {
  throw new HttpProblem('BAD_REQUEST', `${name} must be ${wanted}.`, [name])
}

const parseUrl = (value: unknown): string => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : bad('url', 'an http or https address')
}

const text = (value: unknown, name: string): string =>
  typeof value === 'string' && value.length <= 1_000 ? value : bad(name, 'a text')

const texts = (value: unknown, name: string): string[] =>
  Array.isArray(value) && value.length <= 1_000
    ? value.map((item, i) => text(item, `${name}[${i}]`))
    : bad(name, 'a list of texts')

const parseSecret = (value: unknown): string => {
  const secret = text(value, 'secret')
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length
  return secret.startsWith('whsec_') && bytes >= 24
    ? secret
    : bad('secret', '«whsec_» and 24 bytes or more in base64')
}

const parseAs = (value: unknown): NonNullable<Webhook['as']> => {
  if (typeof value !== 'object' || value === null) return bad('as', '{roles, claims}')
  const { roles = [], claims = {} } = value as Record<string, unknown>
  if (typeof claims !== 'object' || claims === null) return bad('as.claims', 'an object')
  return { roles: texts(roles, 'as.roles'), claims: { ...claims } }
}
