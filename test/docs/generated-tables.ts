// What the pages say that the code knows better. `CORECORD_WRITE_DOCS=1 npx vitest run test/docs/tables.test.ts`
// writes it into the pages; without the variable the test only compares.

import { limitTable } from '../../server/access/limits.ts'
import { type Setting, settingNames, settings } from '../../server/config.ts'
import { errorCodes } from '../../shared/wire/error-codes.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const escaped = (text: string): string => text.replaceAll('|', '\\|')

const errorTable = (): string =>
  table(
    ['code', 'HTTP', 'socket', 'again later', 'what to do'],
    Object.entries(errorCodes).map(([code, { http, close, retry, sentence }]) => [
      `\`${code}\``,
      String(http),
      close === null ? '' : String(close),
      retry ? 'yes' : '',
      escaped(sentence),
    ]),
  )

const settingsTable = (): string =>
  table(
    ['flag', 'variable', 'default', 'what for'],
    settingNames.map(name => {
      const { flag, env, fallback, about }: Setting<unknown> = settings[name]
      return [`\`${flag}\``, `\`${env}\``, fallback === null ? '' : `\`${fallback}\``, about]
    }),
  )

const limitsTable = (): string =>
  table(
    ['limit', 'default', 'unit', 'why'],
    Object.entries(limitTable).map(([name, { fallback, unit, why }]) => [
      `\`${name}\``,
      fallback.toLocaleString('en'),
      unit,
      escaped(why),
    ]),
  )

/** By page, by the name in the page's marks. */
export const generatedTables: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/settings.md': { settings: settingsTable, limits: limitsTable },
  'docs/errors.md': { errors: errorTable },
}
