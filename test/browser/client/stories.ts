// What the stories of a file have in common: their stage, and what is read on its page.

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { Stage } from './stage.ts'

/** It stands for as long as the file's stories are told; each has a server of its own. */
export const stageOfStories = (chromiumArgs: readonly string[] = []): Stage => {
  // Real browsers, and perhaps on a machine with much else to do.
  vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })
  const stage = new Stage(chromiumArgs)
  beforeAll(() => stage.open())
  afterAll(() => stage.close())
  beforeEach(() => stage.startServer())
  afterEach(() => stage.endStory())
  return stage
}

export const says = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
  page.locator(selector).filter({ hasText: text }).first().waitFor()
export const titleSaved = (page: Page, save: string): Promise<void> =>
  page.locator(`#title[data-save="${save}"]`).waitFor()
export const pending = (page: Page, text: string): Promise<void> => says(page, '#pending', text)
