// Which channels there are besides the app, by what the server was given.

import type { Channel } from './delivery.ts'
import { MailChannel } from './mail-channel.ts'
import { PushChannel } from './push-channel.ts'
import type { VapidKeys } from './vapid.ts'

export interface NotificationOptions {
  /** `smtp:` or `smtps:`; without one nothing is mailed. */
  readonly smtp?: URL
  readonly mailFrom?: string
  /** Where people reach this server, for links in mails. */
  readonly publicUrl?: URL
  /** Without them a pair is made and kept in the store. */
  readonly vapid?: VapidKeys
  /** `mailto:` or `https:`, for push services to write to. */
  readonly vapidSubject?: string
  /** Push to addresses of this machine and its network too, and without TLS: for a push service of one's own. */
  readonly pushInside?: boolean
  /** How long a push and a mail wait for more to go with them, and for the person to have read it in the app. */
  readonly gatherMs?: { readonly push?: number; readonly mail?: number }
  /** Between attempts; as many as there are, and then it is given up. */
  readonly retryMs?: readonly number[]
}

const PUSH_GATHER_MS = 3_000
const MAIL_GATHER_MS = 20_000

export const createChannels = (options: NotificationOptions, keys: () => VapidKeys): readonly Channel[] => {
  const { smtp, mailFrom, publicUrl, gatherMs } = options
  const push = new PushChannel({
    keys,
    subject: options.vapidSubject ?? subjectOf(options),
    gatherMs: gatherMs?.push ?? PUSH_GATHER_MS,
    allowsInside: options.pushInside ?? false,
  })
  if (smtp === undefined) return [push]
  const mail = new MailChannel({
    smtp,
    from: mailFrom ?? `corecord@${smtp.hostname}`,
    publicUrl: publicUrl ?? null,
    gatherMs: gatherMs?.mail ?? MAIL_GATHER_MS,
  })
  return [push, mail]
}

const subjectOf = ({ publicUrl, mailFrom }: NotificationOptions): string =>
  publicUrl?.protocol === 'https:'
    ? publicUrl.origin
    : `mailto:${/[^\s<>]+@[^\s<>]+/.exec(mailFrom ?? '')?.[0] ?? 'corecord@localhost'}`
