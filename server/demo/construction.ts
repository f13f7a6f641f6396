// Works in progress: a project with its bill of quantities, two périodes, measurements, a statement and minutes.

import { Attachment, Periode, Photo, Project, Pv } from '../../shared/types/construction.ts'
import { decompteLines, metresToDate } from '../../shared/types/decompte.ts'
import { Bordereau, Decompt, drawUp, Metre } from '../../shared/types/quantities.ts'
import type { Album, SitePicture } from './album.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from './demo-clock.ts'
import { type DemoRecords, type DemoScene, past, share, some } from './demo-scene.ts'
import type { PastRecord } from './past-record.ts'

const OBJECTS = [
  ['Renovation of the primary school', 'Ville de Lyon', 'Lyon 7e'],
  ['Extension of the bus depot', 'Métropole', 'Villeurbanne'],
  ['Roof of the covered market', 'Ville de Vienne', 'Vienne'],
  ['Footbridge over the canal', 'Département', 'Décines'],
  ['Twelve flats, Rue des Tilleuls', 'Habitat & Co', 'Bron'],
  ['Sports hall, second phase', 'Ville de Givors', 'Givors'],
  ['Water tower refurbishment', 'Eaux du Rhône', 'Mions'],
] as const
const LINES = [
  ['1.1', 'Installation of the site', 'lump', 1, 450_000],
  ['1.2', 'Demolition of partitions', 'm²', 320, 1_850],
  ['2.1', 'Excavation in mixed soil', 'm³', 540, 2_240],
  ['2.2', 'Reinforced concrete C25/30', 'm³', 186, 18_900],
  ['2.3', 'Formwork', 'm²', 740, 3_450],
  ['3.1', 'Masonry of hollow blocks 20 cm', 'm²', 610, 4_980],
  ['3.2', 'Interior plaster', 'm²', 1_420, 1_690],
  ['4.1', 'Tiling 30 × 30', 'm²', 380, 5_240],
  ['4.2', 'Painting, two coats', 'm²', 2_100, 890],
  ['5.1', 'Metal doors', 'pc', 24, 68_000],
] as const
const ROOMS = [
  'Axis A, bay 1–3',
  'Axis B, bay 2',
  'Ground floor, corridor',
  'First floor, room 104',
  'Stairwell north',
  'Façade east',
] as const

const PICTURES: readonly (readonly [picture: SitePicture, caption: string, place: string])[] = [
  ['trench', 'Drain laid, before filling in', 'Axis A, bay 1–3'],
  ['rebar', 'Reinforcement of the slab, seen by the control office', 'Ground floor'],
  ['frame', 'Frame of the third floor', 'North wing'],
  ['masonry', 'Hollow blocks up to the lintel', 'Axis B, bay 2'],
  ['scaffold', 'Scaffolding taken over', 'Façade east'],
  ['roof', 'Rafters set, battens begun', 'Roof'],
  ['plaster', 'First coat, conduits covered', 'First floor, room 104'],
  ['tiles', 'Tiling of the showers, still to be jointed', 'Ground floor, corridor'],
]

export function* makeConstruction(scene: DemoScene): DemoRecords {
  const count = share(scene, 0.01)
  for (let n = 1; n <= count; n++) yield* makeProject(scene, n)
}

function* makeProject(scene: DemoScene, n: number): DemoRecords {
  const { random, clock } = scene
  const [objet, client, place] = OBJECTS[(n - 1) % OBJECTS.length] ?? OBJECTS[0]
  const start = 60 + random.below(60)
  const at = clock.midnight(-start)
  const id = `P-${String(n).padStart(3, '0')}`
  const project = `project:${id}`
  yield past(scene, Project, id).by('sophie', at, record => {
    record.set({
      objet: n > OBJECTS.length ? `${objet} (${Math.ceil(n / OBJECTS.length)})` : objet,
      number: `2026-${String(n).padStart(3, '0')}`,
      client,
      place,
      start: clock.date(-start),
      deadline: clock.date(120 + random.below(200)),
      state: 'active',
      manager: 'sophie',
    })
    record.union('engineers').set(['claire'])
    record
      .text('notes')
      .insert(0, 'Deliveries only before seven or after nine: there is a school across the street.\n')
  })

  const lineIds = new Map<string, string>()
  const bordereau = past(scene, Bordereau, `${id}-B`).by('hugo', at + DAY_MS, record => {
    record.set({ project, title: 'Main works' })
    for (const [number, designation, unit, quantity, unitPrice] of LINES) {
      lineIds.set(number, record.list('lines').add({ number, designation, unit, quantity, unitPrice }))
    }
  })
  yield bordereau

  const periodes = [1, 2].map(number => ({
    id: `${id}-P${number}`,
    number,
    from: -start + (number - 1) * 30,
    state: number === 1 ? ('closed' as const) : ('open' as const),
  }))
  for (const { id: periodeId, number, from, state } of periodes) {
    yield past(scene, Periode, periodeId).by('hugo', clock.midnight(from), record => {
      record.set({ project, number, from: clock.date(from), to: clock.date(from + 29), state })
    })
  }

  const metres: PastRecord<typeof Metre>[] = []
  for (const [index, periode] of periodes.entries()) {
    const days = Math.min(-1, periode.from + 20)
    const metre = past(scene, Metre, `${id}-M${index + 1}`).by(
      'claire',
      clock.midnight(days) + 9 * 3_600_000,
      record => {
        record.set({
          project,
          periode: `periode:${periode.id}`,
          bordereau: bordereau.room,
          title: `Measurements ${index + 1}`,
          measuredOn: clock.date(days),
          agreed: index === 0,
        })
        for (const number of ['1.2', '2.1', '2.2', '2.3', '3.1']) {
          const line = lineIds.get(number)
          if (line === undefined) continue
          for (let i = 0; i < 1 + random.below(2); i++) {
            record.list('lines').add({
              line,
              location: random.pick(ROOMS),
              count: 1 + random.below(3),
              length: 2 + random.below(90) / 10,
              width: 1 + random.below(40) / 10,
              height: number.startsWith('2.') ? 0.2 + random.below(8) / 10 : null,
            })
          }
        }
      },
    )
    metres.push(metre)
    yield metre
  }

  const [first] = periodes
  if (first !== undefined) {
    const days = first.from + 29
    yield past(scene, Decompt, `${id}-D1`).by('hugo', clock.midnight(Math.min(-1, days)), record => {
      record.set({
        project,
        periode: `periode:${first.id}`,
        bordereau: bordereau.room,
        number: 1,
        date: clock.date(Math.min(-1, days)),
      })
      const measured = metresToDate(
        // Views of the records made above, as a screen would have them.
        metres.map(metre => metre.view as unknown as Parameters<typeof metresToDate>[0][number]),
        periodes.map(each => ({
          id: each.id,
          from: clock.date(each.from),
          to: clock.date(each.from + 29),
          removed: false,
        })),
        first.id,
      )
      drawUp(
        record,
        decompteLines(bordereau.view as unknown as Parameters<typeof decompteLines>[0], measured),
      )
      record.set({ state: 'issued' })
    })
  }

  yield past(scene, Pv, `${id}-PV1`).by('claire', clock.midnight(-3) + 10 * 3_600_000, record => {
    record.set({
      project,
      title: 'Site meeting 4',
      date: clock.date(-3),
      place,
    })
    record.union('present').set(['Claire Dubois', 'Hugo Martin', `${client}, owner`, 'Architect'])
    record.list('points').add({
      body: 'Opening for the lift shaft to be moved by 12 cm',
      responsible: 'Architect',
      due: clock.date(4),
    })
    record.list('points').add({ body: 'Second crane from the 15th', responsible: 'Hugo Martin', done: true })
    record.list('decisions').add({ body: 'Concrete of the north wing on Thursday, weather permitting' })
  })

  if (scene.album !== null) yield* makeFiles(scene, scene.album, { id, project, start, periodes })
}

interface Filed {
  readonly id: string
  readonly project: string
  /** Days since the works began. */
  readonly start: number
  readonly periodes: readonly { readonly id: string }[]
}

/** What was photographed on site, and what the office keeps. */
function* makeFiles(scene: DemoScene, album: Album, { id, project, start, periodes }: Filed): DemoRecords {
  const { random, clock } = scene
  const chosen = new Set(some(random, PICTURES, 4 + random.below(4)))
  const taken = PICTURES.filter(picture => chosen.has(picture))
  for (const [n, [picture, caption, place]] of taken.entries()) {
    // In the order of the works, the last of them a few days ago.
    const days = -Math.max(1, Math.round(start * (1 - (n + 1) / (taken.length + 0.2))))
    const at = clock.midnight(days) + 8 * HOUR_MS + random.below(8 * 60) * MINUTE_MS
    yield past(scene, Photo, `${id}-F${n + 1}`).by('claire', at, photo => {
      photo.set({ project, file: album.site[picture], caption, place, takenAt: at, takenBy: 'claire' })
    })
  }
  const papers = [
    { title: 'Contract of works', kind: 'contract', file: album.contract, by: 'hugo', day: -start },
    { title: 'A-101 Ground floor, index C', kind: 'plan', file: album.plan, by: 'sophie', day: -start + 12 },
  ] as const
  for (const [n, { title, kind, file, by, day }] of papers.entries()) {
    yield past(scene, Attachment, `${id}-A${n + 1}`).by(
      by,
      clock.midnight(day) + 15 * HOUR_MS,
      attachment => {
        attachment.set({ project, title, kind, file })
      },
    )
  }
  const [first] = periodes
  if (first === undefined) return
  yield past(scene, Attachment, `${id}-A3`).by(
    'claire',
    clock.midnight(-start + 29) + 16 * HOUR_MS,
    attachment => {
      attachment.set({
        project,
        title: 'Attachement 1',
        kind: 'attachement',
        file: album.attachement,
        periode: `periode:${first.id}`,
      })
      for (const [designation, unit, quantity] of [
        ['Demolition of partitions', 'm²', 118],
        ['Excavation in mixed soil', 'm³', 204.5],
        ['Reinforced concrete C25/30', 'm³', 41.2],
      ] as const)
        attachment.list('lines').add({ designation, unit, quantity })
      attachment.union('signedBy').set(['Claire Dubois', 'Architect'])
      attachment.set({ signedOn: clock.date(-start + 29) })
    },
  )
}
