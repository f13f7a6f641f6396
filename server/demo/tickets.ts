// Field service of a firm that looks after lifts, boilers and cold rooms in one city.

import { statusPatch, Ticket } from '../../shared/types/ticket.ts'
import { Inventory, Shipment, Site, Tech } from '../../shared/types/ticketing.ts'
import type { Random } from '../simulate/random.ts'
import type { ServicePicture } from './album.ts'
import { DAY_MS, HOUR_MS, isoDate, MINUTE_MS } from './demo-clock.ts'
import { type DemoRecords, type DemoScene, padded, past, share, some } from './demo-scene.ts'
import type { PastRecord } from './past-record.ts'

const TECHNICIANS = ['tomas', 'lea'] as const
const DESK = ['dana', 'mira'] as const

export function* makeFieldService(scene: DemoScene): DemoRecords {
  const sites = share(scene, 0.06)
  yield* makeTechnicians(scene)
  yield* makeSites(scene, sites)
  yield* makeInventory(scene)
  yield* makeTickets(scene, sites)
}

function* makeTechnicians(scene: DemoScene): DemoRecords {
  const at = scene.clock.midnight(-110)
  const facts = {
    tomas: { name: 'Tomáš Horák', region: 'North', skills: ['Lifts', 'Electrics'] },
    lea: { name: 'Lea Meyer', region: 'Centre', skills: ['Cooling', 'Heating'] },
  }
  for (const user of TECHNICIANS) {
    yield past(scene, Tech, user).by('mira', at, tech => {
      tech.set({
        user,
        phone: `+381 64 ${200 + scene.random.below(700)} ${1000 + scene.random.below(9000)}`,
        name: facts[user].name,
        region: facts[user].region,
      })
      tech.union('skills').set(facts[user].skills)
    })
  }
}

const PLACES = [
  'Hotel',
  'Bakery',
  'Clinic',
  'School',
  'Office house',
  'Supermarket',
  'Gym',
  'Library',
  'Pharmacy',
  'Theatre',
  'Warehouse',
  'Apartment house',
] as const
const STREETS = [
  'Danube Street',
  'Mill Lane',
  'Station Road',
  'Garden Street',
  'Market Square',
  'Linden Avenue',
  'River Bank',
  'Castle Hill',
  'Poet Street',
  'Orchard Road',
] as const
const NAMES = [
  'Central',
  'Europa',
  'Dunav',
  'Sunrise',
  'Nova',
  'Linden',
  'Park',
  'Bridge',
  'Harbour',
  'Old Town',
  'Aurora',
  'Vista',
  'Meridian',
  'Atlas',
] as const
const CITIES = ['Novi Sad', 'Beograd', 'Subotica', 'Zrenjanin', 'Sombor'] as const
const EQUIPMENT = [
  'Passenger lift',
  'Goods lift',
  'Gas boiler',
  'Cold room',
  'Air handling unit',
  'Heat pump',
  'Escalator',
  'Fire pump',
] as const

function* makeSites(scene: DemoScene, count: number): DemoRecords {
  const { random, clock } = scene
  for (let n = 1; n <= count; n++) {
    const name = `${random.pick(PLACES)} ${NAMES[(n - 1) % NAMES.length] ?? ''}${n > NAMES.length ? ` ${Math.ceil(n / NAMES.length)}` : ''}`
    yield past(scene, Site, padded(n)).by(random.pick(DESK), clock.daysAgo(40 + random.below(60)), site => {
      site.set({
        name,
        address: `${random.pick(STREETS)} ${1 + random.below(120)}`,
        city: random.pick(CITIES),
        contact: random.pick(CONTACTS),
        phone: `+381 21 ${100 + random.below(900)} ${100 + random.below(900)}`,
      })
      for (const kind of some(random, EQUIPMENT, 1 + random.below(3))) {
        site.list('equipment').add({
          name: kind,
          serial: `${kind.slice(0, 2).toUpperCase()}-${10_000 + random.below(90_000)}`,
          installedOn: isoDate(clock.midnight(-200 - random.below(3_000))),
        })
      }
    })
  }
}

const CONTACTS = [
  'Petra Kiss',
  'Miloš Vuk',
  'Ana Horvat',
  'Jan Novák',
  'Sara Lind',
  'Marc Girard',
  'Ivana Rakić',
  'Oskar Bauer',
] as const

const PARTS = [
  ['RLY-24', 'Door relay 24 V', 'pc', 2_400],
  ['BRG-6204', 'Bearing 6204', 'pc', 890],
  ['FLT-G4', 'Air filter G4', 'pc', 1_250],
  ['GSK-40', 'Flange gasket DN 40', 'pc', 310],
  ['CPR-R32', 'Compressor R32', 'pc', 48_500],
  ['SNS-T10', 'Temperature sensor', 'pc', 1_980],
  ['BLT-A36', 'Drive belt A36', 'pc', 1_540],
  ['LED-18', 'LED panel 18 W', 'pc', 2_150],
  ['VLV-12', 'Expansion valve ½"', 'pc', 6_720],
  ['CBL-3x2', 'Cable 3 × 2.5', 'm', 210],
  ['PMP-25', 'Circulation pump 25-60', 'pc', 18_900],
  ['BTN-F', 'Floor button', 'pc', 1_120],
] as const

function* makeInventory(scene: DemoScene): DemoRecords {
  const { random, clock } = scene
  for (const [code, name, unit, price] of PARTS) {
    yield past(scene, Inventory, code).by('dana', clock.daysAgo(60 + random.below(30)), part => {
      part.set({
        part: code,
        name,
        unit,
        place: `${random.pick(['A', 'B', 'C'])}-${1 + random.below(12)}`,
        minimum: 4 + random.below(5),
        price,
      })
      part.counter('stock').add(2 + random.below(24))
    })
  }
}

const LIFTS = ['passenger lift', 'goods lift'] as const
const BOILERS = ['boiler 1', 'boiler 2'] as const
const COLD = ['cold room', 'cold store'] as const

interface Case {
  readonly type: 'repair' | 'maintenance' | 'installation' | 'inspection' | 'emergency'
  readonly title: string
  readonly at: readonly string[]
  readonly told: string
  readonly ended: string
}

/** What is wrong, with what, how it is told, and how it ends. */
const CASES: readonly Case[] = [
  {
    type: 'repair',
    title: 'Stops between floors',
    at: LIFTS,
    told: 'It stopped twice this morning between the second and the third floor. Nobody was hurt; the doors opened after a reset.',
    ended: 'Door relay replaced, 40 test runs without a stop.',
  },
  {
    type: 'repair',
    title: 'Does not hold 4 °C',
    at: COLD,
    told: 'The display shows 9 °C since the night. The door seal looks fine.',
    ended: 'Evaporator was iced over. Defrosted, sensor changed, back at 3.8 °C.',
  },
  {
    type: 'maintenance',
    title: 'Yearly service',
    at: BOILERS,
    told: 'As every autumn. Please bring the flue gas analyser.',
    ended: 'Burner cleaned, flue gas within limits, report left with the caretaker.',
  },
  {
    type: 'inspection',
    title: 'Pressure test',
    at: ['fire pump'],
    told: 'The insurer asks for a protocol of this year.',
    ended: 'Pump reaches pressure in 18 s. Protocol signed.',
  },
  {
    type: 'emergency',
    title: 'Water on the floor',
    at: BOILERS,
    told: 'The caretaker has shut off the main valve. The cellar is wet.',
    ended: 'Flange gasket replaced, system filled and vented.',
  },
  {
    type: 'installation',
    title: 'New unit in the north wing',
    at: ['heat pump', 'air handling unit'],
    told: 'The foundation is ready. The crane is ordered for nine o’clock.',
    ended: 'Installed and handed over; the customer was shown how to use it.',
  },
  {
    type: 'repair',
    title: 'Grinding noise',
    at: ['escalator up', 'escalator down'],
    told: 'It gets louder after an hour of running.',
    ended: 'Bearing of the upper return replaced.',
  },
  {
    type: 'maintenance',
    title: 'Filters to be changed',
    at: ['air handling unit', 'ventilation of the kitchen'],
    told: 'Twelve filters G4 on the roof. The key is at the reception.',
    ended: 'All twelve changed.',
  },
  {
    type: 'repair',
    title: 'No heating on the fourth floor',
    at: ['riser north', 'riser south'],
    told: 'The radiators are cold in three flats, the others are fine.',
    ended: 'Riser was full of air; balanced again.',
  },
  {
    type: 'inspection',
    title: 'Acceptance after rebuilding',
    at: ['passenger lift', 'cold room'],
    told: 'The architect will be there, too.',
    ended: 'Two remarks, both settled on the spot.',
  },
  {
    type: 'repair',
    title: 'Door does not close any more',
    at: LIFTS,
    told: 'It opens again each time, as if something stood in the way.',
    ended: 'Light barrier cleaned and aligned.',
  },
  {
    type: 'emergency',
    title: 'Somebody is stuck',
    at: LIFTS,
    told: 'Between ground floor and first. The person is calm and has been spoken to.',
    ended: 'Freed within 20 minutes. Brake adjusted.',
  },
  {
    type: 'repair',
    title: 'Alarm goes off at night',
    at: ['fire pump', 'cold store'],
    told: 'Three times this week, always between two and four.',
    ended: 'Loose contact in the terminal box.',
  },
]

const COMMENTS = [
  'On my way, about half an hour.',
  'Parts are ordered, they should be here the day after tomorrow.',
  'The caretaker can let us in until four.',
  'Please take photos before and after.',
  'The customer called again and asks when somebody comes.',
  'It was the same fault last winter, see the history.',
  'I need a second pair of hands for this one.',
  'Tested for an hour, looks good.',
] as const

const TAGS = ['warranty', 'contract', 'access needed', 'second visit', 'invoice'] as const

function* makeTickets(scene: DemoScene, sites: number): DemoRecords {
  const { random } = scene
  const count = share(scene, 0.42)
  for (let n = 1; n <= count; n++) {
    // The newest are the liveliest: most of the older ones are done.
    const age = ((count - n) / count) ** 1.7 * 60
    const ticket = makeTicket(scene, n, age, sites)
    yield ticket
    if (random.chance(0.14)) yield makeShipment(scene, ticket, n, age)
  }
}

function makeTicket(scene: DemoScene, n: number, ageDays: number, sites: number): PastRecord<typeof Ticket> {
  const { random, clock } = scene
  const { type, title, at: places, told, ended } = random.pick(CASES)
  const site = 1 + random.below(sites)
  const openedAt = clock.daysAgo(ageDays)
  const technician = random.pick(TECHNICIANS)
  const desk = random.pick(DESK)
  let at = openedAt
  const later = (upTo: number): number => {
    // Never later than now, and some time left for what comes after.
    const left = Math.max(1, clock.now - MINUTE_MS - at)
    at += 1 + random.below(Math.max(1, Math.min(upTo, left / 2)))
    return at
  }
  const ticket = past(scene, Ticket, `T-${padded(n)}`).by(desk, openedAt, record => {
    record.set({
      number: `T-${padded(n)}`,
      type,
      title: `${title}: ${random.pick(places)}`,
      site: `site:${padded(site)}`,
      priority: type === 'emergency' ? 'urgent' : random.pick(['low', 'normal', 'normal', 'normal', 'high']),
      due: openedAt + (type === 'emergency' ? 4 * HOUR_MS : (1 + random.below(6)) * DAY_MS),
    })
    if (random.chance(0.35)) record.union('tags').set(some(random, TAGS, 1 + random.below(2)))
    record.text('description').insert(0, `${told}\n`)
  })
  const stage = stageOf(random, ageDays)
  if (stage === 'new') return ticket
  ticket.by(desk, later(3 * HOUR_MS), record => record.set({ assignedTo: technician }))
  if (random.chance(0.5)) comment(ticket, desk, later(2 * HOUR_MS), random.pick(COMMENTS))
  if (stage === 'assigned') return ticket
  ticket.by(technician, later(5 * HOUR_MS), record => {
    record.set({ claimedBy: technician, ...statusPatch('in_progress', at) })
  })
  const arrived = later(3 * HOUR_MS)
  ticket.by(technician, arrived, record => record.log('checks').add({ kind: 'in' }))
  if (random.chance(0.6)) comment(ticket, technician, later(HOUR_MS), random.pick(COMMENTS))
  attachPhoto(scene, ticket, technician, later(40 * MINUTE_MS))
  if (stage === 'on site') return ticket
  const left = later(3 * HOUR_MS)
  ticket.by(technician, left, record => {
    record.log('checks').add({ kind: 'out' })
    record.list('times').add({ start: arrived, end: Math.max(left, arrived + 20 * MINUTE_MS), note: ended })
    if (random.chance(0.4)) record.counter('partsUsed').add(1 + random.below(3))
  })
  if (stage === 'waiting')
    return ticket.by(technician, later(HOUR_MS), record => record.set({ status: 'waiting' }))
  if (random.chance(0.3))
    ticket.by('mira', later(HOUR_MS), record => record.set({ quote: 5_000 + random.below(60) * 500 }))
  comment(ticket, technician, later(20 * MINUTE_MS), ended)
  ticket.by(technician, later(10 * MINUTE_MS), record => record.set(statusPatch('done', at)))
  if (stage === 'closed') ticket.by(desk, later(2 * DAY_MS), record => record.set({ status: 'closed' }))
  return ticket
}

const comment = (ticket: PastRecord<typeof Ticket>, by: string, at: number, body: string): void => {
  ticket.by(by, at, record => record.list('comments').add({ body }))
}

/** Of the newer ones: what the technician found, taken with the telephone. */
function attachPhoto(scene: DemoScene, ticket: PastRecord<typeof Ticket>, by: string, at: number): void {
  const { album, random, clock } = scene
  if (album === null || at < clock.midnight(-12) || random.chance(0.35)) return
  const picture = pictureOf(String(ticket.view['title']))
  ticket.by(by, at, record =>
    record.list('attachments').add({ file: album.service[picture], caption: CAPTIONS[picture] }),
  )
}

const CAPTIONS: { readonly [P in ServicePicture]: string } = {
  lift: 'As I found it: the door stands open by a hand',
  pipes: 'Gauge before and after bleeding',
  cabinet: 'Loose contact, third row',
  unit: 'Outside unit, fan on the left is the loud one',
}

const pictureOf = (title: string): ServicePicture =>
  /lift|escalator/i.test(title)
    ? 'lift'
    : /boiler|riser|pump|heating/i.test(title)
      ? 'pipes'
      : /air|cold|cool|heat pump|ventilation/i.test(title)
        ? 'unit'
        : 'cabinet'

type Stage = 'new' | 'assigned' | 'on site' | 'waiting' | 'done' | 'closed'

const stageOf = (random: Random, ageDays: number): Stage => {
  if (ageDays > 20) return random.chance(0.98) ? 'closed' : 'waiting'
  if (ageDays > 6)
    return random.pick(['closed', 'closed', 'closed', 'closed', 'done', 'done', 'done', 'waiting'])
  if (ageDays > 1) return random.pick(['done', 'done', 'done', 'closed', 'waiting', 'on site', 'assigned'])
  return random.pick(['new', 'new', 'assigned', 'assigned', 'assigned', 'on site', 'on site', 'done', 'done'])
}

function makeShipment(
  scene: DemoScene,
  ticket: PastRecord<typeof Ticket>,
  n: number,
  ageDays: number,
): PastRecord<typeof Shipment> {
  const { random, clock } = scene
  const at = clock.daysAgo(Math.max(0, ageDays - 1))
  const state = ageDays > 8 ? 'arrived' : random.pick(['ordered', 'shipped', 'shipped', 'arrived'] as const)
  const site = ticket.view['site']
  return past(scene, Shipment, `S-${padded(n)}`).by('dana', at, shipment => {
    shipment.set({
      number: `S-${padded(n)}`,
      ticket: ticket.room,
      site: typeof site === 'string' ? site : null,
      carrier: random.pick(['DHL', 'Post Express', 'AKS', 'own van']),
      tracking: `RS${100_000_000 + random.below(899_999_999)}`,
      state,
      expectedOn: isoDate(at + (1 + random.below(4)) * DAY_MS),
    })
    for (const [code, name] of some(random, PARTS, 1 + random.below(2)))
      shipment.list('parts').add({ part: `inventory:${code}`, name, quantity: 1 + random.below(4) })
  })
}
