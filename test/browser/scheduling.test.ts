import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Availability, availabilityId } from '../../shared/types/scheduling.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { AppStage, findingsOnEach, listsKept, walkTo } from './app-stage.ts'

const stage = new AppStage()
beforeAll(() => stage.open())
afterAll(() => stage.close())
afterEach(() => stage.endStory())

/** Far enough ahead that no slot is over, whenever the story is told; each story has a day of its own. */
const dayOf = (story: number): string => `2031-03-${String(story).padStart(2, '0')}`

const openDay = async (
  staff: string,
  staffName: string,
  date: string,
  zone: string | null = null,
): Promise<void> => {
  const desk = await stage.desk(staff)
  const slots = [540, 600, 660].map(from => ({ from, to: from + 50 }))
  const day = desk.create(
    Availability,
    { staff, staffName, date, zone },
    { id: availabilityId(staff, date), entries: { slots } },
  )
  await day.whenSaved()
  day.close()
}

describe('scheduling', () => {
  it('two operators book one slot: one wins, the other is told and offered the next free slot', async () => {
    const date = dayOf(1)
    await openDay('ana', 'Ana Anić', date)
    const olga = await stage.person('olga')
    const petra = await stage.person('petra')
    const first = await olga.goTo(`/scheduling/operator?date=${date}`)
    const second = await petra.goTo(`/scheduling/operator?date=${date}`)
    // Whoever looks at a slot has its day on the device.
    const book = async (page: typeof first, client: string): Promise<void> => {
      await page.getByLabel('Client').fill(client)
      await page.getByLabel('Phone').fill('+381 64 555 010')
      await page.getByRole('dialog').getByRole('button', { name: 'Book' }).click()
    }
    for (const page of [first, second]) await page.getByTestId('slot-ana-540').click()
    // Each is told of the other before either has booked.
    await second.getByText('Olga Marić has this slot open, too.').waitFor()
    await petra.network.cut()
    await book(second, 'Mrs Late')
    await second.locator('[data-testid="slot-ana-540"][data-tentative]').waitFor()
    await book(first, 'Mr Early')
    await first.getByTestId('slot-ana-540').getByText('Mr Early').waitFor()
    await first.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
    await petra.network.mend()
    const told = second.getByTestId('lost-booking')
    await told.getByText('The slot was taken a moment earlier, by Mr Early.').waitFor()
    await second.getByTestId('slot-ana-540').getByText('Mr Early').waitFor()
    await told.getByRole('button', { name: /^Book the next free one: Ana Anić, .*10:00$/ }).click()
    for (const page of [first, second]) await page.getByTestId('slot-ana-600').getByText('Mrs Late').waitFor()
    expect(await first.getByTestId('lost-booking').count()).toBe(0)

    // With the form still open: what is written there stays, and what is cancelled is what stands there now.
    for (const page of [first, second]) await page.getByTestId('slot-ana-660').click()
    await second.getByLabel('Client').fill('Mrs Slow')
    await second.reload()
    await second.getByTestId('slot-ana-660').click()
    await expect.poll(() => second.getByLabel('Client').inputValue()).toBe('Mrs Slow')
    // The way back closes the sheet, and what is written there waits: a hand on the glass takes it by mistake.
    await second.goBack()
    await second.getByRole('dialog').waitFor({ state: 'hidden' })
    await second.getByTestId('slot-ana-660').click()
    await expect.poll(() => second.getByLabel('Client').inputValue()).toBe('Mrs Slow')
    // So does Escape.
    await second.keyboard.press('Escape')
    await second.getByRole('dialog').waitFor({ state: 'hidden' })
    await second.getByTestId('slot-ana-660').click()
    await expect.poll(() => second.getByLabel('Client').inputValue()).toBe('Mrs Slow')
    // A finger that slips beside the sheet takes nothing away.
    await second.mouse.click(4, 500)
    await book(first, 'Mr Quick')
    await second.getByRole('alert').getByText('taken a moment earlier, by Mr Quick').waitFor()
    await book(second, 'Mrs Slow')
    await told.getByText(/by Mr Quick/).waitFor()
    await told.getByRole('button', { name: 'Understood' }).click()
    await second.getByTestId('slot-ana-660').click()
    await first.getByTestId('slot-ana-660').click()
    await first.getByRole('button', { name: 'Cancel the booking' }).click()
    await first.getByTestId('slot-ana-660').getByText('free').waitFor()
    await first.getByTestId('slot-ana-660').click()
    await book(first, 'Mr Next')
    await second.getByRole('dialog').getByText('Mr Next').waitFor()
  })

  it('who lost a slot off line is told whom to call after another page and a closed tab, until it is put away', async () => {
    const date = dayOf(27)
    await openDay('ana', 'Ana Anić', date)
    await openDay('ivan', 'Ivan Babić', date)
    const path = `/scheduling/operator?date=${date}`
    const olga = await stage.person('olga')
    const page = await olga.goTo(path)
    const other = await (await stage.person('petra')).goTo(path)
    const press = (on: Page, name: string | RegExp) =>
      on.getByRole('dialog').getByRole('button', { name }).click()
    const book = async (on: Page, slot: string, client: string): Promise<void> => {
      await on.getByTestId(slot).click()
      await on.getByLabel('Client').fill(client)
      await press(on, 'Book')
      await on.getByTestId(slot).getByText(client).waitFor()
    }
    await page.getByTestId('slot-ivan-540').waitFor()
    await book(page, 'slot-ana-660', 'Mr Moved')
    await page.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
    await olga.network.cut()
    for (const [slot, client] of [
      ['slot-ana-540', 'Mrs Late'],
      ['slot-ana-600', 'Mrs Kept'],
    ] as const) {
      await book(page, slot, client)
      // A number that is put right before it was sent makes no other booking of it.
      await page.getByTestId(slot).click()
      await press(page, 'Correct')
      await page.getByLabel('Phone').fill('063 1')
      await press(page, 'Save')
      await page.getByTestId(slot).getByText('063 1').waitFor()
    }
    await page.getByTestId('slot-ana-660').click()
    await press(page, 'Move')
    await page.getByTestId('move-ivan-540').click()
    await page.getByText(/Mr Moved moves to Ivan Babić, /).waitFor()
    await walkTo(page, '/sales')
    await page.getByTestId('slot-ana-660').waitFor({ state: 'detached' })
    await walkTo(page, path)
    await page.getByText(/Mr Moved moves to Ivan Babić, /).waitFor()
    await book(other, 'slot-ana-540', 'Mr Early')
    await book(other, 'slot-ivan-540', 'Mr First')
    await other.locator('[data-testid="status"]:not(:has(.status-count))').waitFor()
    await page.close()
    await olga.network.mend()
    const back = await olga.goTo(path)
    const told = back.getByTestId('lost-booking')
    const hear = async (): Promise<void> => {
      await told.filter({ hasText: 'Your booking for Mrs Late is not lost' }).getByText('063 1').waitFor()
      await told.getByText(/The slot was taken a moment earlier, by Mr Early\./).waitFor()
      // With whose slot it was to be: the reason, which the bell has too, says the day and the time.
      const notMoved = told.filter({ hasText: 'Mr Moved keeps the slot: Ana Anić' })
      await notMoved.getByText(/^Ivan Babić, .*: Mr Moved was not moved to /).waitFor()
      await back.getByTestId('slot-ana-600').getByText('Mrs Kept').waitFor()
    }
    await hear()
    await back.reload()
    await hear()
    for (let left = 2; left > 0; left--) {
      expect(await told.count()).toBe(left)
      await told.first().getByRole('button', { name: 'Understood' }).click()
    }
    await back.reload()
    await back.getByTestId('slot-ana-600').getByText('Mrs Kept').waitFor()
    expect(await told.count()).toBe(0)
  })

  it('a slot that was put to another time meanwhile says so to who told the client the old one, and a booked one is not', async () => {
    const date = dayOf(29)
    await openDay('ana', 'Ana Anić', date)
    const olga = await stage.person('olga')
    const page = await olga.goTo(`/scheduling/operator?date=${date}`)
    await page.getByTestId('slot-ana-540').waitFor()
    await page.getByTestId('slot-ana-540').click()
    await page.getByLabel('Client').fill('Mrs Nine')
    await olga.network.cut()
    await page.getByRole('dialog').getByRole('button', { name: 'Book' }).click()
    await page.getByTestId('slot-ana-540').getByText('Mrs Nine').waitFor()
    const desk = await stage.desk('ana')
    const theirs = desk.open(Availability, availabilityId('ana', date))
    await theirs.whenReady()
    const slot = theirs.view?.slots.find(({ from }) => from === 540)?.id ?? ''
    theirs.list('slots').set(slot, { from: 555 })
    await theirs.whenSaved()
    await olga.network.mend()
    const told = page.getByTestId('lost-booking')
    await told.getByText('The slot begins at 09:15 now.').waitFor()
    await told.getByText(/Mrs Nine keeps the slot: Ana Anić, .* 09:15\./).waitFor()
    await page.getByTestId('slot-ana-555').getByText('Mrs Nine').waitFor()
    expect(() => theirs.list('slots').set(slot, { to: 620 })).toThrow('the slot is booked')
  })

  it('the operator sees what matches staff and date, and misses nothing when they are switched', async () => {
    const [one, other] = [dayOf(2), dayOf(3)]
    await openDay('ana', 'Ana Anić', one)
    await openDay('ana', 'Ana Anić', other)
    await openDay('ivan', 'Ivan Babić', one)
    const page = await (await stage.person('olga')).goTo(`/scheduling/operator?date=${one}&staff=ana`)
    await page.getByTestId('slot-ana-540').waitFor()
    expect(await page.getByTestId('day-ivan').count()).toBe(0)
    const ana = await stage.desk('ana')
    const day = ana.open(Availability, availabilityId('ana', other))
    await day.whenReady()
    // Switched while the change is on its way.
    const added = day.list('slots').add({ from: 900, to: 950 })
    await page.getByRole('button', { name: 'The day after' }).click()
    await page.getByTestId('slot-ana-900').waitFor()
    await page.getByRole('button', { name: 'The day before' }).click()
    await page.getByTestId('slot-ana-900').waitFor({ state: 'detached' })
    day.list('slots').remove(added)
    await day.whenSaved()
    await page.getByLabel('Who').selectOption({ label: 'Ivan Babić' })
    await page.getByTestId('slot-ivan-540').waitFor()
    expect(await page.getByTestId('day-ana').count()).toBe(0)
  })

  it('a day that a therapist opens is at once on the operator’s screen', async () => {
    const date = dayOf(10)
    const operator = await (await stage.person('olga')).goTo(`/scheduling/operator?date=${date}`)
    const therapist = await (await stage.person('ana', 'phone')).goTo(
      `/scheduling/availability/${availabilityId('ana', date)}`,
    )
    const add = therapist.getByTestId(`week-${date}`).getByRole('button').last()
    const dialog = therapist.getByRole('dialog')
    await add.click()
    // Key by key: half of a number is no other.
    await dialog.getByLabel('Minutes a slot').fill('')
    await dialog.getByLabel('Minutes a slot').pressSequentially('45')
    await therapist.reload()
    // Of the sheet that was open nothing is left for the way back to close.
    await expect.poll(() => therapist.evaluate(() => history.state)).toBe(null)
    await add.click()
    expect(await dialog.getByLabel('Minutes a slot').inputValue()).toBe('45')
    await therapist.goBack()
    await dialog.waitFor({ state: 'hidden' })
    await add.click()
    expect(await dialog.getByLabel('Minutes a slot').inputValue()).toBe('45')
    await dialog.getByLabel('Minutes a slot').fill('7.5')
    await dialog.getByRole('button', { name: 'Add 0 slots' }).waitFor()
    await dialog.getByLabel('Minutes a slot').fill('60')
    await dialog.getByRole('button', { name: 'Add 7 slots' }).waitFor()
    // What somebody else adds meanwhile is left out, and makes no other sheet of it.
    await openDay('ana', 'Ana Anić', date)
    await dialog.getByRole('button', { name: 'Add 4 slots' }).click()
    await operator.getByTestId('slot-ana-540').waitFor()
    await operator.getByTestId('slot-ana-900').waitFor()
    // What was half written to a slot is of the past once it is booked.
    await therapist.getByTestId(`week-${date}`).getByRole('button').first().click()
    await dialog.getByLabel('Note').fill('Ground floor')
    await dialog.getByRole('button', { name: 'Book' }).click()
    await dialog.getByLabel('Client').fill('Mr Low')
    await dialog.getByRole('button', { name: 'Book' }).click()
    await operator.getByTestId('slot-ana-540').getByText('Mr Low').waitFor()
    const noted = () => therapist.evaluate(() => Object.keys(sessionStorage).join())
    await expect.poll(noted).not.toContain('draft')
  })

  it('the keys take back one thing at a time: what a notice offers, and then what was written to the record', async () => {
    const date = dayOf(25)
    await openDay('ana', 'Ana Anić', date)
    const ana = await stage.desk('ana')
    const day = ana.open(Availability, availabilityId('ana', date))
    await day.whenReady()
    const nine = () => day.view?.slots.find(({ from }) => from === 540)
    day.list('slots').set(nine()?.id ?? '', { booking: { client: 'Mr Full', phone: '', note: '' } })
    await day.whenSaved()
    const dana = await stage.desk('dana')
    const ticket = dana.create(Ticket, { title: 'Leak' })
    await ticket.whenSaved()
    const page = await (await stage.person('root')).goTo(`/scheduling/operator?date=${date}&staff=ana`)
    const isBooked = () => nine()?.booking?.client === 'Mr Full'
    await page.getByTestId('slot-ana-540').getByText('Mr Full').click()
    await page.getByRole('button', { name: 'Cancel the booking' }).click()
    await expect.poll(isBooked).toBe(false)
    // As long as it is pointed at, it stays.
    await page.locator('.said-undo').hover()
    await walkTo(page, `/tickets/${ticket.id}`)
    await page.getByLabel('Title').fill('Leak on the roof')
    await page.getByLabel('Title').blur()
    await expect.poll(() => ticket.view?.title).toBe('Leak on the roof')
    await page.keyboard.press('Control+z')
    await expect.poll(isBooked).toBe(true)
    await page.locator('.said-undo').waitFor({ state: 'detached' })
    expect(await page.getByLabel('Title').inputValue()).toBe('Leak on the roof')
    await page.keyboard.press('Control+z')
    await expect.poll(() => ticket.view?.title).toBe('Leak')
  })

  it('a cancelled booking is free for all at once, and the next free slot is found over the days', async () => {
    const [date, next] = [dayOf(12), dayOf(13)]
    await openDay('ana', 'Ana Anić', date)
    await openDay('ana', 'Ana Anić', next)
    const ana = await stage.desk('ana')
    const day = ana.open(Availability, availabilityId('ana', date))
    await day.whenReady()
    for (const { id } of day.view?.slots ?? [])
      day.list('slots').set(id, { booking: { client: 'Mr Full', phone: '', note: '' } })
    await day.whenSaved()
    const olga = await stage.person('olga')
    const one = await olga.goTo(`/scheduling/operator?date=${date}&staff=ana`)
    const other = await (await stage.person('petra')).goTo(`/scheduling/operator?date=${date}&staff=ana`)
    // Nobody is offered a time that is over, nor a day that is none.
    const over = '2020-01-05'
    await openDay('ana', 'Ana Anić', over)
    await walkTo(other, `/scheduling/operator?date=${over}&staff=ana`)
    await other.getByTestId('slot-ana-540').waitFor()
    await other.getByRole('button', { name: /^Next free slot: Ana Anić, (?!.*5 Jan)/ }).waitFor()
    await walkTo(other, '/scheduling/operator?date=tomorrow')
    await other.getByRole('button', { name: 'The day after' }).click()
    await walkTo(other, `/scheduling/operator?date=${date}&staff=ana`)
    await one.getByRole('button', { name: /^Next free slot: Ana Anić, .*13 Mar.*09:00$/ }).waitFor()
    await other.getByTestId('slot-ana-600').getByText('Mr Full').waitFor()
    await one.getByTestId('slot-ana-600').click()
    const cancel = one.getByRole('button', { name: 'Cancel the booking' })
    await cancel.click()
    await other.getByTestId('slot-ana-600').getByText('free').waitFor()
    // It was the wrong one.
    await one.getByRole('button', { name: 'Undo' }).click()
    await other.getByTestId('slot-ana-600').getByText('Mr Full').waitFor()
    await one.getByTestId('slot-ana-600').getByText('Mr Full').waitFor()
    // Whoever works by keyboard is back at the slot when its sheet has closed.
    const slot = one.getByTestId('slot-ana-600')
    await slot.press('Enter')
    await cancel.waitFor()
    await one.keyboard.press('Escape')
    await expect.poll(() => slot.evaluate(element => element === document.activeElement)).toBe(true)
    await slot.press('Enter')
    await cancel.press('Enter')
    await other.getByTestId('slot-ana-600').getByText('free').waitFor()
    // The way back is in the corner of the screen, and at the keys.
    await one.getByRole('button', { name: 'Undo' }).waitFor()
    await one.keyboard.press('Control+z')
    await other.getByTestId('slot-ana-600').getByText('Mr Full').waitFor()
    await one.getByTestId('slot-ana-600').getByText('Mr Full').waitFor()
    await slot.press('Enter')
    await cancel.click()
    await other.getByTestId('slot-ana-600').getByText('free').waitFor()
    await other.getByRole('button', { name: /^Next free slot: Ana Anić.*10:00$/ }).waitFor()
    await other.getByRole('button', { name: /^Next free slot: Ana Anić.*10:00$/ }).click()
    await other.getByRole('dialog').getByLabel('Client').waitFor()
    // Moved, by somebody else than who had booked: the one slot is free and the other taken, on every screen.
    await one.getByTestId('slot-ana-540').click()
    await one.getByRole('button', { name: 'Move' }).click()
    await one.getByTestId('move-ana-600').click()
    for (const page of [one, other]) {
      await page.getByTestId('slot-ana-600').getByText('Mr Full').waitFor()
      await page.getByTestId('slot-ana-540').getByText('free').waitFor()
    }
    await other.keyboard.press('Escape')
    for (const page of [one, other]) {
      await page.getByTestId('slot-ana-660').click()
      await page.getByRole('button', { name: 'Correct' }).click()
    }
    await one.getByLabel('Phone').fill('+381 64 555 020')
    await one.getByRole('button', { name: 'Save' }).click()
    // Whoever corrects it at the same time writes what they changed, and nothing of before.
    await expect.poll(() => other.getByLabel('Phone').inputValue()).toBe('+381 64 555 020')
    await other.getByLabel('Note').fill('Ring twice')
    await other.getByRole('button', { name: 'Save' }).click()
    await one.getByTestId('slot-ana-660').click()
    await one.getByRole('dialog').getByText('Ring twice').waitFor()
    await one.getByRole('dialog').getByText('+381 64 555 020').waitFor()
    // Off line it is moved among what the page has shown, and not among what the sheet before saw: it goes with the
    // connection.
    await one.reload()
    await other.getByTestId('slot-ana-660').click()
    await other.getByRole('button', { name: 'Cancel the booking' }).click()
    await one.getByTestId('slot-ana-660').getByText('free').waitFor()
    await olga.network.cut()
    await one.getByTestId('slot-ana-600').click()
    await one.getByRole('button', { name: 'Move' }).click()
    await one.getByTestId('move-ana-660').click()
    await one.getByText(/Mr Full moves to Ana Anić, .*11:00 as soon as there is a connection\.$/).waitFor()
    await olga.network.mend()
    await other.getByTestId('slot-ana-660').getByText('Mr Full').waitFor()
  })

  it('who looks from another zone is shown the day of where the staff is, and told so', async () => {
    // The two never have the same day.
    const zone = 'Pacific/Kiritimati'
    const there = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format()
    await openDay('ivan', 'Ivan Babić', there, zone)
    const away = await stage.person('olga', 'desktop', { timeZone: 'Pacific/Pago_Pago' })
    const page = await away.goTo('/scheduling/operator')
    await page.getByTestId('day-ivan').waitFor()
    await page.getByText(/^These times are in Line Islands Time: it is \d\d:\d\d there\.$/).waitFor()
    // A day that is opened from away is of the place.
    await page.getByRole('button', { name: 'The day after' }).click()
    await page.getByRole('region', { name: 'Ivan Babić' }).getByRole('link').click()
    await page.locator('.week-day:not(:has(.slot))').last().getByRole('button').click()
    const sheet = page.getByRole('dialog')
    expect(await sheet.getByLabel('By the clocks of').inputValue()).toBe(zone)
  })

  it('off line the next day, and the next week, show what was there when the server was last heard', async () => {
    const inDays = (days: number): string =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    await openDay('ana', 'Ana Anić', inDays(1), 'UTC')
    await openDay('ana', 'Ana Anić', inDays(7), 'UTC')
    const device = async (who: string) => {
      const one = await stage.person(who, 'desktop', { timeZone: 'UTC' })
      await one.context.clock.install()
      return one
    }
    const olga = await device('olga')
    const operator = await olga.goTo('/scheduling/operator')
    // The day, and what is kept of it.
    await expect.poll(() => listsKept(operator, inDays(1))).toBe(2)
    await olga.network.cut()
    await operator.clock.fastForward('24:00:00')
    await operator.getByTestId('slot-ana-540').waitFor()
    const ana = await device('ana')
    const therapist = await ana.goTo('/scheduling/availability')
    await expect.poll(() => listsKept(therapist, inDays(7))).toBe(2)
    await ana.network.cut()
    await therapist.clock.fastForward(7 * 86_400_000)
    await therapist
      .getByTestId(`week-${inDays(7)}`)
      .getByText('09:00')
      .waitFor()
  })

  it('another tab of the browser sees a change without the server', async () => {
    const date = dayOf(15)
    await openDay('ana', 'Ana Anić', date)
    const ana = await stage.person('ana')
    const one = await ana.goTo(`/scheduling/availability/${availabilityId('ana', date)}`)
    const other = await ana.goTo(`/scheduling/availability/${availabilityId('ana', date)}`)
    for (const page of [one, other])
      await page.getByTestId(`week-${date}`).getByText('3 slots free').waitFor()
    // The day is open in both tabs when what is written in one has come to the other.
    const slotIn = (page: typeof one) =>
      page.getByTestId(`week-${date}`).getByRole('button', { name: /^09:00/ })
    for (const page of [one, other]) await slotIn(page).click()
    await one.getByRole('dialog').getByLabel('Note').fill('Second floor')
    await one.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    // Whoever has the same slot open writes what they changed, and nothing of before.
    const open = other.getByRole('dialog')
    await expect.poll(() => open.getByLabel('Note').inputValue()).toBe('Second floor')
    await open.getByLabel('To', { exact: true }).fill('09:40')
    await open.getByRole('button', { name: 'Save' }).click()
    for (const page of [one, other]) {
      await page.getByRole('button', { name: /09:40/ }).waitFor()
      await page.getByText('Second floor').waitFor()
    }
    await ana.network.cut()
    await slotIn(one).click()
    await one.getByRole('button', { name: 'Remove the slot' }).click()
    await one.getByTestId(`week-${date}`).getByText('2 slots free').waitFor()
    await other.getByTestId(`week-${date}`).getByText('2 slots free').waitFor()
    // It was the wrong one: it is there again, with what was noted of it.
    await one.getByRole('button', { name: 'Undo' }).click()
    for (const page of [one, other]) {
      await page.getByTestId(`week-${date}`).getByText('3 slots free').waitFor()
      await page.getByRole('button', { name: /09:40.*Second floor/ }).waitFor()
    }
  })

  it('axe finds nothing serious on its pages, light and dark', async () => {
    const date = dayOf(20)
    await openDay('ana', 'Ana Anić', date)
    const page = await (await stage.person('olga')).goTo(`/scheduling/operator?date=${date}`)
    await page.locator('.slot').first().waitFor()
    expect(
      await findingsOnEach(page, [
        [`/scheduling/operator?date=${date}`, 'Next free slot'],
        [`/scheduling/availability/${availabilityId('ana', date)}`, 'Days of Ana Anić'],
        ['/scheduling/help', 'The next free one'],
      ]),
    ).toEqual([])
  })
})
