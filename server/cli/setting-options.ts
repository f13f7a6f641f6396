import { type Command, Option } from 'commander'
import { type Config, readConfig, type Setting, type SettingName, settings } from '../config.ts'
import type { CommandIo } from './command-io.ts'
import { misuse } from './exit-code.ts'

/** Gives a command the options of some settings, grouped and with their variables, as the table has them. */
export function addSettingOptions(command: Command, names: readonly SettingName[]): void {
  for (const name of names) {
    const { flag, env, fallback, about, group }: Setting<unknown> = settings[name]
    const shown = fallback === null ? '' : `, default ${fallback}`
    const option = new Option(flag, `${about} (${env}${shown})`)
    command.addOption(option.helpGroup(`${group}:`))
  }
}

/** The settings as the flags, the environment and the defaults give them; ends the command if one is wrong. */
export function configOf(command: Command, io: CommandIo): Config {
  const given: Record<string, unknown> = command.opts()
  const flags: Record<string, unknown> = {}
  for (const name of Object.keys(settings)) {
    const option = command.options.find(
      each => each.long !== undefined && settingFlag(name).includes(each.long),
    )
    if (option !== undefined) flags[name] = given[option.attributeName()]
  }
  const result = readConfig(flags, io.env)
  if (!result.ok) throw misuse(result.problems.join('\n'))
  return result.config
}

function settingFlag(name: string): string[] {
  const found = Object.entries(settings).find(([key]) => key === name)
  return found === undefined ? [] : found[1].flag.split(/[ ,]+/)
}
