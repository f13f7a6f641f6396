import type { Command } from 'commander'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { misuse } from './exit-code.ts'
import { addPlaceOptions, withOperations } from './open-operations.ts'

interface RevokeOptions {
  person?: string
  jti?: string
  json?: true
}

const examples = `
Live sessions end at once. A person can come back with a token minted later.

Examples:
  $ corecord revoke --person ana
  $ corecord revoke --jti 7f3c1a2e-… --url https://desk.example.com --token "$TOKEN"`

export function addRevoke(program: Command, io: CommandIo): void {
  const command = program
    .command('revoke')
    .description('Take back one token, or all tokens that a person has so far.')
    .option('--person <id>', 'the «sub» of the tokens')
    .option('--jti <id>', 'the «jti» of the one token')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async ({ person, jti, json }: RevokeOptions) => {
      const which = person !== undefined ? { sub: person } : jti !== undefined ? { jti } : null
      if (which === null || (person !== undefined && jti !== undefined)) {
        throw misuse('Name either a person with --person, or one token with --jti.')
      }
      await withOperations(command, io, async operations => {
        const revocation = await operations.revoke(which)
        if (json === true) printJson(io, revocation)
        else printLine(io, `Revoked, as of ${new Date(revocation.at).toISOString()}.`)
      })
    })
  addPlaceOptions(command)
}
