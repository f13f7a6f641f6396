// Home visits: what the therapists have free in these two weeks, and who has booked.

import { Availability, availabilityId } from '../../shared/types/scheduling.ts'
import { HOUR_MS } from './demo-clock.ts'
import { type DemoRecords, type DemoScene, past } from './demo-scene.ts'

const STAFF = ['ana', 'ivan'] as const
const CLIENTS = [
  'J. Simić',
  'M. Tot',
  'K. Varga',
  'L. Perić',
  'S. Novak',
  'D. Kiš',
  'R. Lukić',
  'B. Farkaš',
] as const
const NOTES = [
  'Back',
  'Shoulder, third visit',
  'Knee after operation',
  'Second floor, no lift',
  'First visit',
  '',
] as const
const FROM_DAY = -3
const TO_DAY = 10

export function* makeScheduling(scene: DemoScene): DemoRecords {
  const { random, clock } = scene
  for (const staff of STAFF) {
    for (let day = FROM_DAY; day <= TO_DAY; day++) {
      // Sundays are free, but a visitor of today finds somebody at work.
      if (day !== 0 && new Date(clock.midnight(day)).getDay() === 0) continue
      const date = clock.date(day)
      const slots: string[] = []
      const availability = past(scene, Availability, availabilityId(staff, date)).by(
        staff,
        clock.midnight(FROM_DAY - 4) + 18 * HOUR_MS,
        record => {
          record.set({ staff, staffName: scene.nameOf(staff), date })
          for (let hour = 8 + random.below(2); hour < 17; hour++) {
            if (hour === 12 || random.chance(0.12)) continue
            slots.push(record.list('slots').add({ from: hour * 60, to: hour * 60 + 50 }))
          }
        },
      )
      const density = day < 0 ? 0.9 : day < 3 ? 0.65 : 0.3
      for (const slot of slots) {
        if (!random.chance(density)) continue
        const bookedAt = Math.min(
          clock.midnight(Math.min(day, 0)) - random.below(3 * 24) * HOUR_MS,
          clock.now - HOUR_MS,
        )
        availability.by('olga', Math.max(bookedAt, clock.midnight(FROM_DAY - 4) + 19 * HOUR_MS), record => {
          const booking = {
            client: random.pick(CLIENTS),
            phone: `+381 63 ${100 + random.below(900)} ${1000 + random.below(9000)}`,
            note: random.pick(NOTES),
          }
          record.list('slots').set(slot, { booking })
        })
      }
      yield availability
    }
  }
}
