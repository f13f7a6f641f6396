import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/**
 * The address a request really comes from. `X-Forwarded-For` is written by whoever likes to, so its entries count
 * from the right, and only as long as the one who wrote them is a proxy that the settings name.
 */
export interface ClientAddresses {
  of(request: Pick<IncomingMessage, 'headers' | 'socket'>): string
  isTrusted(address: string): boolean
}

export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const trusted = new BlockList()
  for (const network of trustedProxies) addNetwork(trusted, network)

  function isTrusted(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }

  return {
    isTrusted,
    of(request) {
      let address = canonicalAddress(request.socket.remoteAddress ?? '')
      const header = request.headers['x-forwarded-for']
      const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',')
      for (const hop of hops.reverse()) {
        const next = canonicalAddress(hop.trim())
        if (!isTrusted(address) || isIP(next) === 0) break
        address = next
      }
      return address
    },
  }
}

const namedNetworks: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** The problem with a `--trust-proxy` entry, or null. */
export function networkProblem(network: string): string | null {
  if (network in namedNetworks) return null
  const [address = '', prefix, ...rest] = network.split('/')
  const family = isIP(address)
  const bits = prefix === undefined ? 0 : Number(prefix)
  const fits = /^\d{0,3}$/.test(prefix ?? '') && bits <= (family === 6 ? 128 : 32) && prefix !== ''
  return family !== 0 && fits && rest.length === 0
    ? null
    : `«${network}» is neither an address, a network such as 10.0.0.0/8, nor one of ${Object.keys(namedNetworks).join(', ')}.`
}

function addNetwork(list: BlockList, network: string): void {
  const named = namedNetworks[network]
  if (named !== undefined) {
    for (const each of named) addNetwork(list, each)
    return
  }
  const problem = networkProblem(network)
  if (problem !== null) throw new Error(problem)
  const [address = '', prefix] = network.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (prefix === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(prefix), family)
}

/** IPv4 that arrives on an IPv6 socket is the same address, and counts as one; a port behind it does not count. */
function canonicalAddress(address: string): string {
  const bare = address.replace(/^\[(.+)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  return bare.replace(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i, '$1')
}

/**
 * What one subscriber holds: a whole /64 in IPv6, since every household has 2^64 addresses to come from.
 */
export function addressBlock(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const filled =
    tail === undefined ? groups : [...groups, ...Array(8 - groups.length - after.length).fill('0'), ...after]
  return `${filled.slice(0, 4).join(':')}::/64`
}
