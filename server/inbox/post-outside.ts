// A request to an address that a person has given. It may not reach what only this machine or its network can reach:
// the address is looked at when it is known, so that no name can point elsewhere in between.

import { lookup } from 'node:dns'
import { type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { retryAfterMs } from '../retry-after.ts'

export interface OutsideAnswer {
  readonly status: number
  readonly retryAfterMs: number | null
  /** The beginning of it. */
  readonly body: string
}

export interface OutsidePost {
  readonly url: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Buffer
  readonly timeoutMs: number
  /** For a service in one's own house: plain http, and addresses of one's own network. */
  readonly allowsInside: boolean
}

export class NotOutside extends Error {
  override readonly name = 'NotOutside'
}

const BODY_CHARS_MAX = 300

export const postOutside = ({
  url,
  headers,
  body,
  timeoutMs,
  allowsInside,
}: OutsidePost): Promise<OutsideAnswer> =>
  new Promise((resolve, reject) => {
    const target = new URL(url)
    if (!allowsInside && target.protocol !== 'https:')
      throw new NotOutside('the address must begin with https://')
    const literal = target.hostname.replace(/^\[|\]$/g, '')
    if (!allowsInside && isIP(literal) !== 0 && isInside(literal)) throw new NotOutside(insideWords(literal))
    const request = target.protocol === 'https:' ? requestHttps : requestHttp
    const options = {
      method: 'POST',
      headers: { ...headers },
      ...(allowsInside ? {} : { lookup: lookupOutside }),
      signal: AbortSignal.timeout(timeoutMs),
    }
    let failed: (error: Error) => void = reject
    const sent: ClientRequest = request(target, options, response => {
      let text = ''
      const answer = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfterMs: retryAfterMs(response.headers),
          body: text.slice(0, BODY_CHARS_MAX),
        })
      // Whatever becomes of the body, it was answered: what was taken must not be sent again.
      failed = answer
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length < BODY_CHARS_MAX) return
        answer()
        response.destroy()
      })
      response.on('error', answer)
      response.on('end', answer)
    })
    sent.on('error', error => failed(error))
    sent.end(body)
  })

const lookupOutside: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const inside = addresses?.find(({ address }) => isInside(address))
    if (error !== null) done(error, [])
    else if (inside !== undefined) done(new NotOutside(insideWords(inside.address)), [])
    else if (options.all === true) done(null, addresses)
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family)
  })
}

const insideWords = (address: string): string => `${address} is an address of this machine or its network`

const inside = new BlockList()
for (const network of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
])
  addSubnet(network, 'ipv4')
for (const network of ['::/128', '::1/128', '64:ff9b::/96', 'fc00::/7', 'fe80::/10', 'ff00::/8'])
  addSubnet(network, 'ipv6')

function addSubnet(network: string, family: 'ipv4' | 'ipv6'): void {
  const [address = '', bits = ''] = network.split('/')
  inside.addSubnet(address, Number(bits), family)
}

/** An IPv4 address that is written as an IPv6 one is checked as what it is. */
export const isInside = (address: string): boolean =>
  inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
