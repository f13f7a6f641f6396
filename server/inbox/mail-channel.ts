// E-mail over SMTP: what is critical, one mail for what came together, and digests.

import { createHash } from 'node:crypto'
import type { Transporter } from 'nodemailer'
import { isToldIn } from '../../shared/types/inbox-preferences.ts'
import { type InboxItem, type InboxView, linesOf } from '../../shared/types/inbox.ts'
import { noticeIn, titleOfLineIn } from '../../shared/types/notice-sentences.ts'
import type { Channel, DeliveryOutcome, Message } from './delivery.ts'
import { localeOf } from '../../shared/record/words.ts'
import { asEntries, type NewEntry } from './plan-inbox.ts'
import type { KnownPerson } from './people.ts'
import { reasonOf } from '../../shared/reason-of.ts'

export interface MailOptions {
  readonly smtp: URL
  readonly from: string
  /** Where people reach the app, for links; null: none are given. */
  readonly publicUrl: URL | null
  readonly gatherMs: number
}

const TIMEOUT_MS = 20_000
/** So long may a server look at a mail before it says that it has it (RFC 5321, 4.5.3.2.6): sent anew, it came twice. */
const ANSWER_MS_MAX = 600_000
const SUBJECT_CHARS_MAX = 120
/** Who finds more than this waiting reads it in the app. */
const BLOCKS_MAX = 100

export class MailChannel implements Channel {
  readonly name = 'mail'
  readonly #options: MailOptions
  #transport: Transporter | null = null

  constructor(options: MailOptions) {
    this.#options = options
  }

  get gatherMs(): number {
    return this.#options.gatherMs
  }

  targets(view: InboxView, person: KnownPerson | undefined, entry: NewEntry): readonly string[] {
    if (person?.email == null || !isToldIn('mail', view, entry)) return []
    // Whoever wants digests gets single mails only of what cannot wait, and of what stands in no digest.
    return view.digest === 'off' || entry.critical || !isToldIn('inApp', view, entry) ? [''] : []
  }

  async deliver(message: Message): Promise<DeliveryOutcome> {
    const { person, entries } = message
    const { publicUrl } = this.#options
    if (person?.email == null) return { kind: 'gone', forget: false }
    try {
      const transport = await this.#opened()
      await transport.sendMail({
        from: this.#options.from,
        to: { name: person.name, address: person.email },
        subject: subjectOf(message),
        text: textOf(message, publicUrl),
        // The same for each attempt, by which a mail that was taken twice is known to be one.
        messageId: messageIdOf(person, entries, this.#options.from),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        ...(publicUrl === null ? {} : { list: { unsubscribe: settingsUrl(publicUrl) } }),
      })
      return { kind: 'delivered' }
    } catch (error) {
      return failureOf(error)
    }
  }

  async check(): Promise<string | null> {
    try {
      const transport = await openTransport(this.#options.smtp, TIMEOUT_MS)
      await transport.verify()
      return null
    } catch (error) {
      return reasonOf(error)
    }
  }

  async close(): Promise<void> {
    this.#transport?.close()
    this.#transport = null
  }

  /** Kept once it is there: one that failed is tried again with the next mail. */
  async #opened(): Promise<Transporter> {
    if (this.#transport !== null) return this.#transport
    const transport = await openTransport(this.#options.smtp, ANSWER_MS_MAX)
    this.#transport ??= transport
    return this.#transport
  }
}

const openTransport = async (smtp: URL, answerMs: number): Promise<Transporter> => {
  // Only here: a server without mail starts sooner.
  const { createTransport } = await import('nodemailer')
  return createTransport({
    url: smtp.href,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

interface MailWords {
  unread(n: number): string
  more(n: number): string
  readonly for: string
  readonly choose: string
}

const english: MailWords = {
  unread: n => `${n} unread`,
  more: n => `and ${n} more`,
  for: 'For',
  choose: 'Choose what you are mailed',
}

const mailWords: { readonly [language: string]: MailWords } = {
  sr: {
    unread: n => `nepročitano: ${n}`,
    more: n => `i još ${n}`,
    for: 'Za',
    choose: 'Izaberite šta vam se šalje e-poštom',
  },
  fr: {
    unread: n => (n === 1 ? '1 non lue' : `${n} non lues`),
    more: n => `et ${n} de plus`,
    for: 'Pour',
    choose: 'Choisissez ce que l’on vous envoie',
  },
}

const wordsOf = ({ view }: Message): MailWords =>
  view.language !== null && Object.hasOwn(mailWords, view.language)
    ? (mailWords[view.language] ?? english)
    : english

const subjectOf = (message: Message): string => {
  const { entries, isDigest, view } = message
  const words = wordsOf(message)
  const [first, ...others] = linesOf({ entries: asEntries(entries), read: [], cleared: [] })
  const subject = isDigest
    ? words.unread(entries.length)
    : [
        ...(first === undefined ? [] : [noticeIn(view.language ?? '', first)]),
        ...(others.length === 0 ? [] : [words.more(others.length)]),
      ].join(' ')
  return subject.length <= SUBJECT_CHARS_MAX ? subject : `${subject.slice(0, SUBJECT_CHARS_MAX - 1)}…`
}

const textOf = (message: Message, publicUrl: URL | null): string => {
  const { entries, person, view } = message
  const words = wordsOf(message)
  const lines = linesOf({ entries: asEntries(entries), read: [], cleared: [] })
  const telling = { language: view.language ?? '', publicUrl, when: whenFormat(view) }
  const all = lines.flatMap(line => [
    blockOf(line, telling, ''),
    ...line.parts.map(part => blockOf(part, telling, '  ')),
  ])
  const blocks = all.slice(0, BLOCKS_MAX)
  if (all.length > blocks.length) blocks.push(words.more(all.length - blocks.length))
  const settings = publicUrl === null ? '' : ` ${words.choose}: ${settingsUrl(publicUrl)}`
  return `${blocks.join('\n\n')}\n\n-- \n${words.for} ${person?.name ?? ''}.${settings}\n`
}

interface Telling {
  readonly language: string
  readonly publicUrl: URL | null
  readonly when: Intl.DateTimeFormat
}

/** As the clocks of the person show it; whose zone is not known is told which it is. */
const whenFormat = ({ language, timeZone }: InboxView): Intl.DateTimeFormat => {
  const locale = localeOf(language ?? 'en')
  const known = timeZone === null ? null : formatIn(locale, { timeZone })
  // What a browser calls its zone, or its language, need not be known here.
  return known ?? formatIn(locale, utc) ?? new Intl.DateTimeFormat('en-GB', { ...moment, ...utc })
}

const moment = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
const utc = { timeZone: 'UTC', timeZoneName: 'short' } as const

const formatIn = (locale: string, zone: Intl.DateTimeFormatOptions): Intl.DateTimeFormat | null => {
  try {
    return new Intl.DateTimeFormat(locale, { ...moment, ...zone })
  } catch {
    return null
  }
}

const settingsUrl = (publicUrl: URL): string => new URL('settings', publicUrl).href

const blockOf = (line: InboxItem, { language, publicUrl, when }: Telling, indent: string): string => {
  const { name, room, parts, at } = line
  const title = titleOfLineIn(language, line)
  const sentence = noticeIn(language, line)
  if (parts.length > 0) return sentence
  // A sentence that does not say it by itself: «Parts for your ticket have arrived».
  const which = title === '' || sentence.includes(title) ? '' : `: ${title}`
  const about = [...(name === '' ? [] : [name]), when.format(at)].join(', ')
  const link = publicUrl === null || room === null ? '' : `\n${indent}${linkTo(room, publicUrl)}`
  return `${indent}${sentence}${which} (${about})${link}`
}

/** The app goes on from there to the record's own page. */
const linkTo = (room: string, publicUrl: URL): string =>
  new URL(`open/${encodeURIComponent(room)}`, publicUrl).href

const messageIdOf = ({ id }: KnownPerson, entries: readonly NewEntry[], from: string): string => {
  const hash = createHash('sha256').update(JSON.stringify([id, entries.map(entry => entry.id)]))
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost'
  return `<${hash.digest('hex').slice(0, 32)}@${domain}>`
}

const failureOf = (error: unknown): DeliveryOutcome => {
  // Nodemailer's errors carry the server's answer.
  const { message, responseCode, command } = error as Error & { responseCode?: number; command?: string }
  const isAboutThis = (command === 'RCPT TO' || command === 'DATA') && responseCode !== undefined
  const isForGood = isAboutThis && responseCode >= 500
  return { kind: 'failed', reason: message, isService: !isAboutThis, ...(isForGood ? { isFinal: true } : {}) }
}
