import type { Locator } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { assign, Trebovanje } from '../../shared/types/warehouse.ts'
import {
  findingsByDayAndNight,
  findingsOnEach,
  listsKept,
  noteWhen,
  requestsOf,
  scan,
  seenAt,
  stageOfStories,
  walkTo,
} from './app-stage.ts'

const stage = stageOfStories()

const items = [
  { sku: '4711', name: 'Cement 25 kg', unit: 'bag', required: 3, place: 'A-1' },
  { sku: '8820', name: 'Tile adhesive', unit: 'bag', required: 2, place: 'B-4' },
]
const today = (): string => {
  const now = new Date()
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`
}

/** A trebovanje that these workers have, each the whole of it. */
const trebovanje = async (number: string, ...workers: readonly string[]): Promise<string> => {
  const desk = await stage.desk('dragan')
  const record = desk.create(Trebovanje, { number, customer: 'Hotel Park' }, { entries: { items } })
  // What `assign` uses of a record, the live one has.
  const open = record as unknown as Parameters<typeof assign>[0]
  workers.forEach((worker, i) =>
    assign(open, worker, {
      day: today(),
      ...(i === 0 ? {} : { items: record.view?.items.map(({ id }) => id) ?? [] }),
    }),
  )
  await record.whenSaved()
  return record.id
}

describe('the warehouse', () => {
  it('a scan on the tablet is on the TV, in Trebovanja and on the Scheduler, and nobody fetches anything', async () => {
    const id = await trebovanje('TR-1', 'marko')
    const [tablet, wall, lead, manager] = await Promise.all([
      stage.person('marko', 'tablet'),
      stage.person('wall', 'tv'),
      stage.person('dragan'),
      stage.person('vesna'),
    ])
    const [hand, tv, list, scheduler] = await Promise.all([
      tablet.goTo(`/warehouse/picking/${id}`),
      wall.goTo('/warehouse/tv'),
      lead.goTo('/warehouse/trebovanja'),
      manager.goTo('/warehouse/scheduler'),
    ])
    await tv.getByTestId('tv-marko').waitFor()
    await list.getByTestId('progress-TR-1').waitFor()
    await scheduler.getByTestId('card-TR-1').waitFor()
    await hand.getByTestId('pick-4711').waitFor()
    const requests = requestsOf(tv, list, scheduler)
    await noteWhen(tv, '[data-testid="tv-marko"] .tv-pieces', '1')
    await noteWhen(list, '[data-testid="progress-TR-1"]', '16%')
    await noteWhen(scheduler, '[data-testid="card-TR-1"]', '16%')
    // A scanner types where the focus is, and presses Enter.
    const scannedAt = await hand.evaluate(() => Date.now())
    await scan(hand, '4711')
    await hand.getByTestId('pick-4711').getByText('1/3').waitFor()
    const after = {
      tv: (await seenAt(tv)) - scannedAt,
      trebovanja: (await seenAt(list)) - scannedAt,
      scheduler: (await seenAt(scheduler)) - scannedAt,
    }
    console.log(
      `a scan is on the TV after ${after.tv} ms, in Trebovanja after ${after.trebovanja} ms, on the Scheduler after ${after.scheduler} ms`,
    )
    expect(requests).toEqual([])
    // Others end a code with a tab, which does not leave it behind uncounted.
    await scan(hand, '4711', 'Tab')
    await hand.getByTestId('pick-4711').getByText('2/3').waitFor()
  })

  it('who presses everything twice takes one task, and closes no sheet that the first press opened', async () => {
    for (const number of ['TR-TWICE-1', 'TR-TWICE-2']) await trebovanje(number)
    const hand = await (await stage.person('jelena', 'tablet')).goTo('/warehouse/picking')
    const take = (number: string) => hand.getByRole('button', { name: new RegExp(`^Take it.*${number}`) })
    await take('TR-TWICE-2').waitFor()
    await take('TR-TWICE-1').click()
    await take('TR-TWICE-1').waitFor({ state: 'detached' })
    // The second half of a double press, on whatever stands there now.
    await take('TR-TWICE-2').hover()
    await hand.mouse.down({ clickCount: 2 })
    await hand.mouse.up({ clickCount: 2 })
    await hand.getByRole('button', { name: /^Notifications/ }).dblclick()
    await hand.getByRole('dialog').waitFor()
    await take('TR-TWICE-2').waitFor()
  })

  it('a completed document is done everywhere at once', async () => {
    const id = await trebovanje('TR-2', 'marko')
    const tablet = await stage.person('marko', 'tablet')
    const hand = await tablet.goTo(`/warehouse/picking/${id}`)
    const tv = await (await stage.person('wall', 'tv')).goTo('/warehouse/tv')
    const detail = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    await hand.getByRole('button', { name: 'Complete the document' }).click()
    await hand.getByText('2 items are not finished.').waitFor()
    await hand.getByRole('dialog').getByRole('button', { name: 'Complete the document' }).click()
    await tv.getByTestId('tv-done').getByText('TR-2').waitFor()
    await detail.locator('.record-title').getByText('done').waitFor()
    await hand.getByText('Nothing to pick now.').or(hand.getByText('My tasks')).first().waitFor()
  })

  it('two tablets scan one item off line, and both scans count', async () => {
    const id = await trebovanje('TR-3', 'marko', 'jelena')
    const marko = await stage.person('marko', 'tablet')
    const jelena = await stage.person('jelena', 'tablet')
    const hands = await Promise.all([
      marko.goTo(`/warehouse/picking/${id}`),
      jelena.goTo(`/warehouse/picking/${id}`),
    ])
    const office = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    for (const hand of hands) await hand.getByTestId('pick-4711').waitFor()
    await Promise.all([marko.network.cut(), jelena.network.cut()])
    for (const hand of hands) {
      await scan(hand, '4711')
      await hand.getByTestId('pick-4711').getByText('1/3').waitFor()
    }
    await Promise.all([marko.network.mend(), jelena.network.mend()])
    await office.getByTestId('item-4711').locator('.num strong', { hasText: /^2$/ }).waitFor()
    for (const hand of hands) await hand.getByTestId('pick-4711').getByText('2/3').waitFor()
    // While the focus is in a number, what comes faster than fingers is a code, and no quantity.
    const [hand] = hands
    await hand.getByTestId('pick-4711').click()
    const quantity = hand.getByLabel('How many', { exact: true })
    await quantity.evaluate((input: HTMLInputElement) => {
      input.focus()
      for (const key of ['4', '7', '1', '1', 'Enter'])
        input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    })
    await office.getByTestId('item-4711').locator('.num strong', { hasText: /^3$/ }).waitFor()
    expect(await quantity.inputValue()).toBe('1')
    // A slow scanner's code is one by what it says, or by what is on the list.
    const scanSlowly = async (code: string): Promise<void> => {
      await quantity.focus()
      for (const key of [...code, 'Enter']) {
        await hand.keyboard.press(key)
        await hand.waitForTimeout(60)
      }
    }
    await scanSlowly('4006381')
    await hand.getByText('«4006381» is not on this list.').waitFor()
    expect(await quantity.inputValue()).toBe('1')
    await scanSlowly('8820')
    await hand.getByTestId('pick-8820').getByText('1/2').waitFor()
    expect(await quantity.inputValue()).toBe('1')
    // What was picked of an item that is taken off the list since is told by the code on its paper.
    const scans = office.getByRole('region', { name: 'Scans' })
    expect(await scans.getByText('Cement 25 kg').count()).toBe(3)
    await office
      .getByTestId('item-4711')
      .getByRole('button', { name: /^Remove/ })
      .click()
    await expect.poll(() => scans.getByText('4711', { exact: true }).count()).toBe(3)
  })

  it('one scan that is sent twice counts once', async () => {
    const id = await trebovanje('TR-4', 'marko')
    const tablet = await stage.person('marko', 'tablet')
    const one = await tablet.goTo(`/warehouse/picking/${id}`)
    const other = await tablet.goTo(`/warehouse/picking/${id}`)
    const office = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    await other.getByTestId('pick-4711').waitFor()
    await one.getByTestId('pick-4711').waitFor()
    await tablet.network.cut()
    await one.bringToFront()
    await one.getByTestId('scan').fill('4711')
    await one.keyboard.press('Enter')
    // Both tabs of the tablet hold it now, and both send what they hold.
    await other.getByTestId('pick-4711').getByText('1/3').waitFor()
    await tablet.network.mend()
    await office.getByTestId('item-4711').locator('.num strong', { hasText: /^1$/ }).waitFor()
    for (const page of [one, other])
      await page.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
    await office.getByTestId('item-4711').locator('.num strong', { hasText: /^1$/ }).waitFor()
  })

  it('two people who assign at once leave one assignee, and the other is told', async () => {
    await trebovanje('TR-5')
    const lead = await stage.person('dragan')
    const manager = await stage.person('vesna')
    const first = await lead.goTo('/warehouse/scheduler')
    const second = await manager.goTo('/warehouse/scheduler')
    for (const page of [first, second]) {
      await page.getByTestId('card-TR-5').waitFor()
      await page.locator('[data-testid="kept-here"][data-whole]').waitFor()
    }
    await manager.network.cut()
    // By keyboard: lifted, carried down to the first worker, put down.
    await first.getByTestId('card-TR-5').press('Space')
    await first.keyboard.press('ArrowDown')
    await first.keyboard.press('Space')
    const cells = first.locator('td[data-drop]', { has: first.getByTestId('card-TR-5') })
    await cells.first().waitFor()
    const winner = (await cells.first().getAttribute('data-drop')) ?? ''
    // The banner moves what is below it: only then everything stands where it is measured.
    await second.getByText(/^Off line\. What you see is as of/).waitFor()
    // By mouse: dragged to the second worker.
    const card = await second.getByTestId('card-TR-5').boundingBox()
    const places = second.locator('td[data-drop]')
    const wanted = (
      await places.evaluateAll(found => found.map(each => each.getAttribute('data-drop')))
    ).findIndex(place => place !== null && place.split(' ')[0] !== winner.split(' ')[0])
    const cell = await places.nth(wanted).boundingBox()
    if (card === null || cell === null) throw new Error('nothing to drag')
    await second.mouse.move(card.x + 20, card.y + 12)
    await second.mouse.down()
    await second.mouse.move(cell.x + 20, cell.y + 20, { steps: 6 })
    await second.mouse.up()
    await places.nth(wanted).getByTestId('card-TR-5').waitFor()
    await manager.network.mend()
    await second.getByText(/TR-5 was given to .* a moment earlier/).waitFor()
    await second.locator(`td[data-drop="${winner}"]`).getByTestId('card-TR-5').waitFor()
    expect(await second.getByTestId('card-TR-5').count()).toBe(1)
  })

  it('by keyboard one sees where one is, and a card that was left lifted is put down nowhere', async () => {
    const id = await trebovanje('TR-KEYS', 'marko')
    await trebovanje('TR-LEFT')
    await trebovanje('TR-NEXT')
    const hand = await (await stage.person('marko', 'tablet')).goTo('/warehouse/picking')
    const isOutlined = (element: Locator): Promise<boolean> =>
      element.evaluate(each => {
        const { outlineStyle, outlineOffset, outlineWidth } = getComputedStyle(each)
        const reach = Number.parseFloat(outlineOffset) + Number.parseFloat(outlineWidth)
        const { left, right } = each.getBoundingClientRect()
        // What is drawn only near the screen paints nothing outside of itself.
        const near = each.closest('li')?.getBoundingClientRect() ?? { left: 0, right: innerWidth }
        return outlineStyle === 'solid' && left - reach >= near.left && right + reach <= near.right
      })
    const task = hand.getByTestId('task-TR-KEYS')
    await task.waitFor()
    await hand.keyboard.press('Tab')
    await task.focus()
    expect(await isOutlined(task)).toBe(true)
    await task.press('Enter')
    const line = hand.getByTestId('pick-4711')
    await line.waitFor()
    await hand.keyboard.press('Tab')
    await line.focus()
    expect(await isOutlined(line)).toBe(true)
    expect(hand.url()).toContain(id)

    const board = await (await stage.person('dragan')).goTo('/warehouse/scheduler')
    const pool = board.locator('[data-drop="pool"]')
    // Enter opens a card, as a click does, with the same for who carries nothing.
    await pool.getByTestId('card-TR-LEFT').press('Enter')
    const giveTo = board.getByRole('dialog').getByLabel('Give to')
    await expect
      .poll(() => giveTo.evaluate(each => each === document.activeElement).catch(() => false))
      .toBe(true)
    await board.keyboard.press('Escape')
    await board.getByRole('dialog').waitFor({ state: 'detached' })
    await pool.getByTestId('card-TR-LEFT').press('Space')
    await board.keyboard.press('ArrowDown')
    await board.locator('[data-drop][data-over]').waitFor()
    // Somebody stops by; one goes on with another.
    await board.getByRole('heading', { name: 'Scheduler' }).click()
    await board.locator('[data-lifted]').first().waitFor({ state: 'detached' })
    await pool.getByTestId('card-TR-NEXT').press('Space')
    await board.keyboard.press('ArrowDown')
    await board.keyboard.press('Space')
    await board.locator('td[data-drop]').getByTestId('card-TR-NEXT').waitFor()
    await pool.getByTestId('card-TR-LEFT').waitFor()
  })

  it('who scans on in a task that is theirs no more hears it, and the button under the keys is not pressed', async () => {
    const id = await trebovanje('TR-TAKEN', 'marko')
    const tablet = await stage.person('marko', 'tablet')
    await tablet.context.addInitScript(() => {
      Object.defineProperty(navigator, 'vibrate', {
        value: (felt: unknown) => {
          document.body.dataset['felt'] = JSON.stringify(felt)
          return true
        },
      })
    })
    const hand = await tablet.goTo(`/warehouse/picking/${id}`)
    await hand.getByTestId('scan').waitFor()
    await scan(hand, '4711')
    await hand.getByTestId('pick-4711').getByText('1/3').waitFor()
    const lead = await stage.desk('dragan')
    const record = lead.open(Trebovanje, id)
    await record.whenReady()
    for (const task of record.view?.zaduznice ?? [])
      record.list('zaduznice').set(task.id, { worker: 'jelena' })
    await record.whenSaved()
    await hand.getByText('This task is not yours any more.').waitFor()
    await hand.getByRole('link', { name: 'My tasks' }).focus()
    await scan(hand, '4711')
    await hand.locator('body[data-felt="[80,60,80]"]').waitFor({ state: 'attached' })
    expect(hand.url()).toContain(id)
    // Nor where nobody waits for a code; a press that is one is one.
    await walkTo(hand, '/warehouse/trebovanja')
    const line = hand.getByRole('link', { name: 'TR-TAKEN' })
    await line.focus()
    await scan(hand, '4711')
    expect(new URL(hand.url()).pathname).toBe('/warehouse/trebovanja')
    await line.press('Enter')
    await hand.getByRole('heading', { name: /TR-TAKEN/ }).waitFor()
  })

  it('a shortage tells the shift lead, an item is done by hand, and a task taken back leaves its scans', async () => {
    const tablet = await stage.person('marko', 'tablet')
    const lead = await stage.person('dragan')
    const board = await lead.goTo('/warehouse/scheduler')
    const hand = await tablet.goTo('/warehouse/picking')
    const id = await trebovanje('TR-8', 'marko')
    await hand.getByTestId('task-TR-8').click()
    await hand.getByTestId('pick-8820').click()
    await hand.getByRole('button', { name: 'Something is missing' }).click()
    await hand.getByRole('button', { name: 'damaged' }).click()
    await hand.getByText('Finished (1)').click()
    await hand.getByTestId('pick-8820').getByText('short: 2 bag').waitFor()
    await board.getByTestId('unread').waitFor()
    await scan(hand, '4711')
    await hand.getByTestId('pick-4711').getByText('1/3').waitFor()
    await hand.getByTestId('pick-4711').click()
    // What is scanned over the open sheet is not offered once more.
    await hand.getByRole('button', { name: 'Count 2' }).waitFor()
    await scan(hand, '4711')
    await hand.getByRole('button', { name: 'Count 1' }).waitFor()
    await hand.getByRole('button', { name: 'One back' }).click()
    await hand.getByRole('button', { name: 'Count 2' }).waitFor()
    await hand.getByRole('button', { name: 'Complete by hand' }).click()
    const detail = await lead.goTo(`/warehouse/trebovanja/${id}`)
    await detail.getByText('Completed by hand', { exact: true }).waitFor()
    await detail.getByText('100%').first().waitFor()
    await hand.getByTestId('pick-4711').click()
    await hand.getByRole('button', { name: 'Not complete after all' }).click()
    // Back among those that wait: what was done stays.
    await board.getByTestId('card-TR-8').click()
    await board.getByRole('button', { name: 'Take back' }).click()
    await board.locator('[data-drop="pool"]').getByTestId('card-TR-8').waitFor()
    await detail.locator('.record-title').getByText('new').waitFor()
    await detail.getByTestId('item-4711').locator('.num strong', { hasText: /^1$/ }).waitFor()
    await hand.getByText('This task is not yours any more. What you scanned stays.').waitFor()
  })

  it('what was picked off line of an item that is off the list since is told, and put back', async () => {
    const id = await trebovanje('TR-OFF', 'marko')
    const marko = await stage.person('marko', 'tablet')
    const hand = await marko.goTo(`/warehouse/picking/${id}`)
    const lead = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    await hand.getByTestId('pick-4711').waitFor()
    await marko.network.cut()
    for (const count of ['1/3', '2/3']) {
      await scan(hand, '4711')
      await hand.getByTestId('pick-4711').getByText(count).waitFor()
    }
    await lead
      .getByTestId('item-4711')
      .getByRole('button', { name: /^Remove/ })
      .click()
    await lead.getByTestId('item-4711').waitFor({ state: 'detached' })
    await lead.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
    await marko.network.mend()
    const word = hand.getByTestId('off-list-4711')
    await word.getByText('4711 was taken off the list after you picked it. Put back 2.').waitFor()
    await lead.getByRole('button', { name: /^Notifications/ }).click()
    await lead.getByText('TR-OFF: 4711 is off the list, and 2 were picked: to be put back').waitFor()
    await word.getByRole('button', { name: 'It is back' }).click()
    await word.waitFor({ state: 'detached' })
    const desk = await stage.desk('dragan')
    const record = desk.open(Trebovanje, id)
    await record.whenCurrent()
    await expect.poll(() => record.view?.scans.map(({ quantity }) => quantity)).toEqual([1, 1, -2])
  })

  it('a task goes to somebody else and its trebovanje is cancelled, on each of their screens', async () => {
    const id = await trebovanje('TR-11', 'marko')
    const [marko, jelena] = await Promise.all([
      (await stage.person('marko', 'tablet')).goTo('/warehouse/picking'),
      (await stage.person('jelena', 'tablet')).goTo('/warehouse/picking'),
    ])
    const lead = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    await marko.getByTestId('task-TR-11').waitFor()
    await lead.getByRole('button', { name: 'Give to somebody else' }).click()
    const form = lead.getByRole('dialog')
    await form.getByLabel('Give to').selectOption({ label: 'Jelena Ilić' })
    await form.getByRole('button', { name: 'Assign' }).click()
    await jelena.getByTestId('task-TR-11').waitFor()
    await marko.getByTestId('task-TR-11').waitFor({ state: 'detached' })
    await lead.getByRole('button', { name: 'Cancel this trebovanje' }).click()
    await lead.locator('.record-title').getByText('cancelled').waitFor()
    await jelena.getByTestId('task-TR-11').waitFor({ state: 'detached' })
  })

  it('a wall that hears nothing any more says so, and since when, until it hears again', async () => {
    const wall = await stage.person('wall', 'tv')
    const tv = await wall.goTo('/warehouse/tv')
    await tv.locator('.tv-live').waitFor()
    wall.network.blockSockets()
    await wall.context.setOffline(true)
    await tv.getByText(/No connection\. As of \d\d:\d\d/).waitFor()
    // The first of its kind: a tile names three of those that somebody holds.
    await trebovanje('TR-0', 'jelena')
    await wall.context.setOffline(false)
    wall.network.allowSockets()
    await tv.locator('.tv-live').waitFor()
    await tv.getByTestId('tv-jelena').getByText(/TR-0/).waitFor()
    // Who may not see what it shows reads that, and no zeros.
    const clerk = await (await stage.person('nina', 'tv')).visit('/warehouse/tv')
    await clerk.getByText('You may not see this board.').waitFor()
  })

  it('a day that comes off line begins on the wall and in the plan with what was open', async () => {
    // Theirs is the first tile, and nothing else is on it.
    await trebovanje('TR-NIGHT', 'aleksa')
    for (const [who, path] of [
      ['wall', '/warehouse/tv'],
      ['dragan', '/warehouse/scheduler'],
    ] as const) {
      const device = await stage.person(who, 'tv')
      await device.context.clock.install()
      const page = await device.goTo(path)
      await expect.poll(() => listsKept(page, 'closedAt')).toBe(1)
      device.network.blockSockets()
      await device.context.setOffline(true)
      await page.getByText(/No connection\.|Off line\./).waitFor()
      await page.clock.fastForward('24:00:00')
      await page.getByText('TR-NIGHT').first().waitFor()
      expect(await page.getByText('This list is not on this device.').count()).toBe(0)
    }
  })

  it('the camera counts a code that stays in the picture once', async () => {
    const id = await trebovanje('TR-9', 'marko')
    const tablet = await stage.person('marko', 'tablet')
    // Not every browser reads codes; what one that does would say of each picture.
    await tablet.context.addInitScript(() => {
      let pictures = 0
      Object.assign(globalThis, {
        BarcodeDetector: class {
          async detect(): Promise<{ rawValue: string }[]> {
            if (++pictures === 4) document.body.dataset['pictures'] = 'enough'
            return [{ rawValue: '4711' }]
          }
        },
      })
    })
    const hand = await tablet.goTo(`/warehouse/picking/${id}`)
    await hand.getByTestId('pick-4711').waitFor()
    await hand.getByRole('button', { name: 'Camera' }).click()
    await hand.locator('body[data-pictures="enough"]').waitFor({ state: 'attached' })
    await hand.getByTestId('pick-4711').getByText('1/3').waitFor()
    await hand.getByRole('button', { name: 'Stop the camera' }).click()
    await hand.locator('video').waitFor({ state: 'detached' })
    // The sheet of an item is no higher than what is in it, and gives the keyboard back to the item.
    const line = hand.getByTestId('pick-4711')
    await line.press('Enter')
    const sheet = hand.getByRole('dialog')
    await sheet.getByRole('button', { name: 'Complete by hand' }).waitFor()
    expect((await sheet.boundingBox())?.height).toBeLessThan(500)
    await hand.keyboard.press('Escape')
    await expect.poll(() => line.evaluate(element => element === document.activeElement)).toBe(true)
    // A browser that reads none says so, and what does work.
    await hand.evaluate(() => Reflect.deleteProperty(globalThis, 'BarcodeDetector'))
    await hand.getByRole('button', { name: 'Camera' }).click()
    await hand.getByText('The scanner and typing work.').waitFor()
  })

  it('a finger carries a card after a short press', async () => {
    await trebovanje('TR-10')
    const lead = await stage.person('dragan', 'tablet')
    const page = await lead.goTo('/warehouse/scheduler')
    const card = page.getByTestId('card-TR-10')
    const cell = page.locator('td[data-drop]').first()
    const touch = await lead.context.newCDPSession(page)
    const at = (x: number, y: number) => ({ touchPoints: [{ x, y }] })
    const carry = async (): Promise<void> => {
      await card.scrollIntoViewIfNeeded()
      const from = await card.boundingBox()
      const to = await cell.boundingBox()
      if (from === null || to === null) throw new Error('nothing to carry')
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', ...at(from.x + 30, from.y + 20) })
      await page.locator('.schedule-ghost').waitFor()
      for (const share of [0.3, 0.7, 1]) {
        const x = from.x + 30 + (to.x + 20 - from.x - 30) * share
        const y = from.y + 20 + (to.y + 20 - from.y - 20) * share
        await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', ...at(x, y) })
      }
    }
    const letGo = () => touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await carry()
    // Whoever turns the tablet meanwhile has put nothing down.
    await page.evaluate(() => dispatchEvent(new Event('resize')))
    await page.locator('.schedule-ghost').waitFor({ state: 'detached' })
    await letGo()
    await page.locator('[data-drop="pool"]').getByTestId('card-TR-10').waitFor()
    await carry()
    await letGo()
    await cell.getByTestId('card-TR-10').waitFor()
  })

  it('a tablet with no network opens the tasks it was given, though it never showed them', async () => {
    const id = await trebovanje('TR-6', 'marko')
    const tablet = await stage.person('marko', 'tablet')
    const page = await tablet.goTo('/warehouse/picking')
    await page.getByTestId('task-TR-6').waitFor()
    await page.getByText('All tasks are on this device.').waitFor()
    await tablet.network.cut()
    await page.getByTestId('task-TR-6').click()
    await page.getByTestId('pick-4711').waitFor()
    expect(page.url()).toContain(id)
    await scan(page, '2*8820')
    await page.getByText('Tile adhesive: 2 of 2 bag').waitFor()
    await scan(page, '0815')
    await page.getByText('«0815» is not on this list.').waitFor()
    // Fingers in gloves need something to hit.
    const buttons = page.locator('.page').locator('button, a, summary, input').filter({ visible: true })
    for (const box of await buttons.evaluateAll(all =>
      all.map(each => each.getBoundingClientRect().height),
    )) {
      expect(box).toBeGreaterThanOrEqual(56)
    }
  })

  it('a trebovanje that was deleted for good says so, and is begun anew by the shift lead alone', async () => {
    const id = await trebovanje('TR-GONE')
    const worker = await (await stage.person('marko', 'tablet')).goTo(`/warehouse/trebovanja/${id}`)
    const lead = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    await lead.getByRole('button', { name: 'More' }).click()
    await lead.getByRole('menuitem', { name: 'Delete' }).click()
    await worker.getByText('This record was deleted.').waitFor()
    await stage.purge(`trebovanje:${id}`)
    for (const page of [lead, worker]) await page.getByText('This record was deleted for good.').waitFor()
    expect(await worker.getByRole('button', { name: 'Begin it anew' }).count()).toBe(0)
    await lead.getByRole('button', { name: 'Begin it anew' }).click()
    await lead.getByRole('heading', { name: /^TR-\d{6}-/ }).waitFor()
    expect(await lead.getByText('TR-GONE').count()).toBe(0)
  })

  it('axe finds nothing serious on its pages, light and dark', async () => {
    const id = await trebovanje('TR-7', 'marko')
    const lead = await stage.person('dragan')
    const tablet = await stage.person('marko', 'tablet')
    const wall = await stage.person('wall', 'tv')
    const [desk, hand, board] = await Promise.all([
      lead.goTo('/warehouse/trebovanja'),
      tablet.goTo('/warehouse/picking'),
      wall.goTo('/warehouse/tv'),
    ])
    await board.getByTestId('tv-marko').waitFor()
    expect(await findingsByDayAndNight(board), 'the wall').toEqual([])
    expect(
      await findingsOnEach(desk, [
        ['/warehouse/trebovanja', 'TR-7'],
        [`/warehouse/trebovanja/${id}`, 'Nothing has been scanned yet.'],
        ['/warehouse/scheduler', 'Drag a card'],
        ['/warehouse/help', 'Pick a task'],
      ]),
    ).toEqual([])
    expect(
      await findingsOnEach(hand, [
        ['/warehouse/picking', 'TR-7'],
        [`/warehouse/picking/${id}`, 'Complete'],
      ]),
    ).toEqual([])
  })

  it('a trebovanje is filled from a spreadsheet, and its far lines are text until one comes near', async () => {
    const id = await trebovanje('TR-PASTED')
    const page = await (await stage.person('dragan')).goTo(`/warehouse/trebovanja/${id}`)
    await page.getByPlaceholder('Code').focus()
    await page.evaluate(() => {
      const clipboardData = new DataTransfer()
      const rows = Array.from({ length: 150 }, (_, n) => `S${n}\tBox ${n}\tC-${n}\tpc\t2`)
      clipboardData.setData('text/plain', rows.join('\n'))
      const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
      document.activeElement?.dispatchEvent(paste)
    })
    await page.getByText('0 of 152 items').waitFor()
    const last = page.getByTestId('item-S149')
    expect((await last.locator('td').allTextContents()).slice(0, 5)).toEqual([
      'S149',
      'Box 149',
      'C-149',
      'pc',
      '2',
    ])
    expect(await last.locator('input').count()).toBe(0)
    // Nor is one laid out that nobody sees, in no width of the page, and not on the tablet either.
    const hand = await (await stage.person('marko', 'tablet')).goTo(`/warehouse/picking/${id}`)
    const isLaidOut = (line: Locator): Promise<boolean> =>
      line
        .locator('strong')
        .first()
        .evaluate(each => each.checkVisibility({ contentVisibilityAuto: true }))
    for (const [width, lines] of [
      [1440, page.locator('.items-table tbody tr')],
      [1920, page.locator('.items-table tbody tr')],
      [1024, hand.locator('.pick-list > li')],
    ] as const) {
      await lines.page().setViewportSize({ width, height: 768 })
      await lines.nth(151).waitFor()
      await expect.poll(() => isLaidOut(lines.first())).toBe(true)
      await expect.poll(() => isLaidOut(lines.nth(151))).toBe(false)
    }
    // On paper all are, and nothing is of the header.
    for (const lines of [page.locator('.items-table tbody tr'), hand.locator('.pick-list > li')]) {
      await lines.page().emulateMedia({ media: 'print' })
      await expect.poll(() => isLaidOut(lines.nth(151))).toBe(true)
      const html = lines.page().locator('html')
      expect(await html.evaluate(each => getComputedStyle(each).backgroundImage)).toBe('none')
      await lines.page().emulateMedia({ media: null })
    }
    await last.scrollIntoViewIfNeeded()
    await page.getByLabel('Required: S149').fill('3')
    await page.getByLabel('Required: S149').press('Enter')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('0 of 2 items').waitFor()
  })

  it('of more than a hundred tasks each is shown, and opens by the code on its paper', async () => {
    const desk = await stage.desk('dragan')
    const tasks = Array.from({ length: 101 }, (_, n) => {
      const zaduznice = [{ worker: 'jelena', day: today() }]
      return desk.create(
        Trebovanje,
        { number: `TR-MANY-${n}`, customer: 'Hotel Park' },
        { entries: { items, zaduznice } },
      )
    })
    await Promise.all(tasks.map(task => task.whenSaved()))
    const page = await (await stage.person('jelena', 'tablet')).goTo('/warehouse/picking')
    await expect.poll(() => page.locator('[data-testid^="task-TR-MANY-"]').count()).toBe(101)
    // Each code that is of none is said, the second while the first is still read.
    for (const code of ['TR-NONE-1', 'TR-NONE-2']) {
      await scan(page, code)
      await page.getByText(`${code}: no task of yours has this number.`).waitFor()
    }
    await scan(page, 'TR-MANY-100')
    await page.getByTestId('pick-4711').waitFor()
    expect(page.url()).toContain(tasks[100]?.id)
    // What lies there for anybody opens, too.
    const free = await trebovanje('TR-MANY-FREE')
    await page.goBack()
    await page.getByRole('button', { name: /TR-MANY-FREE/ }).waitFor()
    await scan(page, 'TR-MANY-FREE')
    await page.getByTestId('pick-4711').waitFor()
    expect(page.url()).toContain(free)
  })
})
