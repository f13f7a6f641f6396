// What was measured, line by line, and whether it is what was aimed at.

export interface Aim {
  readonly most?: number
  readonly least?: number
}

interface Line {
  readonly question: string
  readonly value: number
  readonly unit: string
  readonly aim?: Aim
  readonly isMet?: boolean
}

export class Aims {
  readonly #lines: Line[] = []
  readonly #isJson: boolean

  constructor(isJson: boolean) {
    this.#isJson = isJson
  }

  report(question: string, value: number, unit: string, aim?: Aim): void {
    const line = {
      question,
      value,
      unit,
      ...(aim === undefined
        ? {}
        : { aim, isMet: value <= (aim.most ?? value) && value >= (aim.least ?? value) }),
    }
    this.#lines.push(line)
    const shown = (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')).padStart(12)
    this.say(`${question.padEnd(72)}${shown} ${unit.padEnd(9)}${verdict(line)}`.trimEnd())
  }

  /** For a person who watches; a program that reads gets the lines alone. */
  say(words: string): void {
    if (!this.#isJson) console.log(words)
  }

  end(): void {
    if (this.#isJson) console.log(JSON.stringify(this.#lines))
    const aimed = this.#lines.filter(({ isMet }) => isMet !== undefined)
    const missed = aimed.filter(({ isMet }) => isMet === false)
    this.say(`\n${aimed.length - missed.length} of ${aimed.length} aims met.`)
    for (const { question } of missed) this.say(`missed: ${question.trim()}`)
  }
}

const verdict = ({ aim, isMet }: Line): string =>
  aim === undefined
    ? ''
    : `${aim.most === undefined ? `aim ≥ ${aim.least}` : `aim ≤ ${aim.most}`}: ${isMet === true ? 'met' : 'MISSED'}`
