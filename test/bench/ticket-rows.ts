import type { Random } from '../../server/simulate/random.ts'
import type { Row } from '../../shared/record/filter.ts'

const SUBJECTS = ['valve', 'door', 'boiler', 'lift', 'alarm', 'gate', 'pump', 'lamp', 'roof', 'window']
const TROUBLES = ['leaks', 'is stuck', 'makes a noise', 'does not start', 'is broken', 'has to be checked']
const STATUS = [
  'open',
  'open',
  'in_progress',
  'waiting',
  'done',
  'done',
  'done',
  'closed',
  'closed',
  'closed',
]
const PRIORITIES = ['low', 'normal', 'normal', 'normal', 'high', 'urgent']
const DAY_MS = 86_400_000
export const NOW = Date.UTC(2026, 0, 1)

/** The row of a ticket as the ticketing type makes it, of a firm of 400 sites and 60 technicians. */
export const ticketRow = (random: Random, n: number): Row => {
  const status = random.pick(STATUS)
  const priority = random.pick(PRIORITIES)
  const created = NOW - random.below(700 * DAY_MS)
  const tech = random.chance(0.8) ? `tech-${random.below(60)}` : null
  const due = random.chance(0.7) ? created + random.below(30 * DAY_MS) : null
  const isOpen = status !== 'done' && status !== 'closed'
  return {
    number: `T-${String(n).padStart(4, '0')}`,
    type: random.pick(['repair', 'maintenance', 'installation', 'inspection', 'emergency']),
    title: `The ${random.pick(SUBJECTS)} ${random.pick(TROUBLES)}, floor ${random.below(30)}`,
    site: `site:${random.below(400)}`,
    priority,
    urgency: ['low', 'normal', 'high', 'urgent'].indexOf(priority),
    status,
    due,
    changesAt: isOpen ? due : null,
    doneAt: isOpen ? null : created + random.below(20 * DAY_MS),
    assignedTo: tech,
    claimedBy: random.chance(0.6) ? tech : null,
    onSite: [],
    quote: random.chance(0.2) ? random.below(1_000_000) : null,
    tags: random.chance(0.3) ? ['warranty'] : [],
    watchers: [],
    comments: random.below(8),
    lastCommentAt: null,
    attachments: random.below(3),
    partsUsed: random.below(4),
    minutes: random.below(480),
    work: tech === null ? [] : [{ worker: tech, start: created, minutes: random.below(480) }],
    id: String(n),
    created,
    createdBy: `user-${random.below(20)}`,
    updated: created + random.below(40 * DAY_MS),
    updatedBy: tech ?? 'user-1',
  }
}
