import type { Command } from 'commander'
import type { DeadEvent, Webhook } from '../event/webhook-record.ts'
import type { WebhookReport } from '../event/webhooks.ts'
import { type CommandIo, printJson, printLine } from './command-io.ts'
import { failure } from './exit-code.ts'
import { addPlaceOptions, neededServer } from './open-operations.ts'
import { assertOk, callAdmin } from './remote-operations.ts'

const examples = `
Each delivery is signed by the rules of standardwebhooks.com; its id is the same with every attempt.

Examples:
  $ corecord webhook add https://erp.example.com/hook --types estimate,order
  $ corecord webhook list
  $ corecord webhook dead 5f2c81d09a3e
  $ corecord webhook replay 5f2c81d09a3e --record estimate:EST-7`

export function addWebhook(program: Command, io: CommandIo): void {
  const webhook = program
    .command('webhook')
    .description('Look after webhooks of a running server.')
    .addHelpText('after', examples)
  const verb = (name: string, about: string) => addPlaceOptions(webhook.command(name).description(about))

  const add = verb('add <url>', 'Send events from now on to this address. Prints the secret, once.')
    .option('--types <types>', 'only of these record types, with commas between')
    .option('--roles <roles>', 'only what somebody with these roles may read')
    .option('--note <text>', 'what it is for')
    .action(async (url: string, { types, roles, note }: AddOptions) => {
      const body = {
        url,
        ...(types === undefined ? {} : { types: types.split(',') }),
        ...(roles === undefined ? {} : { as: { roles: roles.split(',') } }),
        ...(note === undefined ? {} : { note }),
      }
      printJson(io, (await ask(add, io, '', 'POST', body)) as Webhook)
    })

  const list = verb('list', 'All webhooks, and how their deliveries stand.')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const { webhooks } = (await ask(list, io, '', 'GET')) as { webhooks: WebhookReport[] }
      if (json === true) printJson(io, { webhooks })
      else if (webhooks.length === 0) printLine(io, 'There are no webhooks.')
      else for (const each of webhooks) printLine(io, lineOf(each))
    })

  const dead = verb('dead <id>', 'Events that were given up, as lines of JSON.').action(
    async (id: string) => {
      const answer = (await ask(dead, io, `/${id}/dead`, 'GET')) as { dead: DeadEvent[] }
      for (const each of answer.dead) printLine(io, JSON.stringify(each))
      // Not among the lines, which programs read.
      if (answer.dead.length === 0) io.stderr.write('No event of it was given up.\n')
    },
  )

  const replay = verb('replay <id>', 'Try given up events again.')
    .option('--record <record>', 'only those of this record, as estimate:EST-7')
    .action(async (id: string, { record }: { record?: string }) => {
      const body = record === undefined ? {} : { record }
      const { replayed } = (await ask(replay, io, `/${id}/replay`, 'POST', body)) as { replayed: number }
      printLine(io, `${replayed} ${replayed === 1 ? 'event' : 'events'} on the way again.`)
    })

  const ping = verb('ping <id>', 'Send an empty delivery, to see whether it arrives.').action(
    async (id: string) => {
      const { ok, error } = (await ask(ping, io, `/${id}/ping`, 'POST')) as { ok: boolean; error: string }
      if (!ok) throw failure(`It did not arrive: ${error}.`)
      printLine(io, 'It arrived.')
    },
  )

  for (const [name, about] of Object.entries(QUIET_VERBS)) {
    const command = verb(`${name} <id>`, about).action(async (id: string) => {
      const isRemoval = name === 'remove'
      await ask(command, io, isRemoval ? `/${id}` : `/${id}/${name}`, isRemoval ? 'DELETE' : 'POST')
    })
  }
}

interface AddOptions {
  types?: string
  roles?: string
  note?: string
}

const QUIET_VERBS = {
  pause: 'Hold deliveries back; nothing is lost.',
  resume: 'Go on where it was paused.',
  remove: 'End it, and forget what waits for it.',
} as const

async function ask(
  command: Command,
  io: CommandIo,
  path: string,
  method: string,
  body?: object,
): Promise<unknown> {
  const server = await neededServer(command, io)
  const response = await callAdmin(server, `webhooks${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  await assertOk(response)
  return response.status === 204 ? null : response.json()
}

const lineOf = ({ noSuchTypes, ...report }: WebhookReport): string => {
  const { id, url, types, isPaused, isDown, waiting, dead, lastError } = report
  const state = isPaused ? 'paused' : isDown ? `down: ${lastError}` : 'running'
  const which = types === null ? 'all types' : types.join(',')
  const inVain = noSuchTypes.length === 0 ? '' : `  this server has no type ${noSuchTypes.join(', ')}`
  return `${id}  ${url}  ${which}  ${state}  ${waiting} records wait, ${dead} events given up${inVain}`
}
