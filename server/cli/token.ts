import type { Command } from 'commander'
import { mintToken } from '../access/mint-token.ts'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { misuse } from './exit-code.ts'
import { givenSecret } from './secret.ts'
import { addSettingOptions, configOf } from './setting-options.ts'

interface TokenOptions {
  name?: string
  role: string[]
  claim: string[]
  expires: string
  json?: true
}

const examples = `
Examples:
  $ corecord token ana --secret-file ./secret --name "Ana Anić" --role dispatcher
  $ corecord token ops --role admin --expires 15m
  $ corecord token ivo --claim warehouse=zagreb --claim staff=42 --json`

export function addToken(program: Command, io: CommandIo): void {
  const command = program
    .command('token')
    .description('Mint a token, for trying things out.')
    .argument('<user>', 'the id of the person: the «sub» of the token')
    .option('--name <text>', 'the name others see; the default is the id')
    .option('--role <role>', 'a role; may be given several times', collect, [])
    .option('--claim <key=value>', 'a further claim; JSON where it reads as such; several times', collect, [])
    .option('--expires <time>', 'how long it lasts: 30s, 15m, 12h, 7d, or never', '12h')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (user: string, options: TokenOptions) => {
      const config = configOf(command, io)
      const secret = givenSecret(config)
      if (secret === null) {
        throw misuse('Give the secret of the server: --secret-file, or CORECORD_SECRET.')
      }
      const lifetimeSeconds = parseLifetime(options.expires)
      const token = await mintToken(
        secret,
        {
          sub: user,
          name: options.name ?? user,
          roles: options.role,
          claims: Object.fromEntries(options.claim.map(parseClaim)),
          lifetimeSeconds,
          issuer: config.issuer,
          audience: config.audience,
        },
        io.now,
      )
      if (options.json === true) printJson(io, { token, sub: user, roles: options.role, lifetimeSeconds })
      else printLine(io, token)
    })
  addSettingOptions(command, ['secret', 'secretFile', 'issuer', 'audience'])
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function parseLifetime(text: string): number | null {
  if (text === 'never') return null
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const seconds = secondsOf[unit]
  if (digits === undefined || seconds === undefined) {
    throw misuse(`--expires must be like 30s, 15m, 12h, 7d, or never; not «${text}».`)
  }
  return Number(digits) * seconds
}

function parseClaim(text: string): [string, unknown] {
  const equals = text.indexOf('=')
  if (equals < 1) throw misuse(`--claim must be key=value, not «${text}».`)
  const value = text.slice(equals + 1)
  try {
    return [text.slice(0, equals), JSON.parse(value)]
  } catch {
    return [text.slice(0, equals), value]
  }
}
