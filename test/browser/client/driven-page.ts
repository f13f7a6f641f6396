import { setTimeout as pause } from 'node:timers/promises'

/** Before a story is given up, with a word on what it waited for. */
export const TRIES_MAX = 1_200
export const TRY_AGAIN_MS = 50

/** A page behind a driver that waits for nothing by itself. */
export abstract class DrivenPage {
  abstract read(expression: string): Promise<unknown>

  async until(expression: string): Promise<void> {
    for (let tries = 0; (await this.read(`Boolean(${expression})`)) !== true; tries++) {
      if (tries === TRIES_MAX) throw new Error(`still not so: ${expression}`)
      await pause(TRY_AGAIN_MS)
    }
  }

  says(selector: string, words: string): Promise<void> {
    const element = `document.querySelector(${JSON.stringify(selector)})`
    return this.until(`${element}?.textContent.includes(${JSON.stringify(words)})`)
  }

  async click(selector: string): Promise<void> {
    await this.until(`document.querySelector(${JSON.stringify(selector)})`)
    await this.read(`document.querySelector(${JSON.stringify(selector)}).click()`)
  }
}
