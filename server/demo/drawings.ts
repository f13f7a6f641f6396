// Pictures as somebody on a site or before a machine would take them, drawn: a demo cannot come with photos of people's
// works. Each is the same whenever it is drawn from the same chance.

import type { Random } from '../simulate/random.ts'

const WIDTH = 1_200
const HEIGHT = 900

export type Draw = (random: Random) => string

/** As it stands in the light; the grain of a telephone's camera comes later. */
export const asSvg = (scene: string, random: Random): string => `<svg xmlns="http://www.w3.org/2000/svg"
  viewBox="0 0 ${WIDTH} ${HEIGHT}" width="800" height="600">
  <defs>
    <linearGradient id="sky" x2="0" y2="1">
      <stop stop-color="#7fa6c9"/><stop offset="1" stop-color="#dfe7ea"/>
    </linearGradient>
    <radialGradient id="light" cx="${30 + random.below(40)}%" cy="25%" r="95%">
      <stop stop-color="#fff" stop-opacity=".22"/><stop offset=".5" stop-color="#fff" stop-opacity="0"/>
      <stop offset="1" stop-color="#000" stop-opacity=".42"/>
    </radialGradient>
  </defs>
  <g transform="rotate(${random.below(5) - 2} 600 450) scale(1.06) translate(-34 -26)">${scene}</g>
  <rect width="100%" height="100%" fill="url(#light)"/>
</svg>`

const rect = (x: number, y: number, width: number, height: number, fill: string, more = ''): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" ${more}/>`
const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, width: number): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="${width}"/>`
const shape = (points: string, fill: string): string => `<polygon points="${points}" fill="${fill}"/>`
const times = (count: number, draw: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => draw(n)).join('')

const sky = rect(0, 0, WIDTH, HEIGHT, 'url(#sky)')
const ground = (from: number): string => rect(0, from, WIDTH, HEIGHT - from, '#8d7a62')

const frame: Draw = random => {
  const floors = 3 + random.below(2)
  return (
    sky +
    ground(700) +
    times(floors, n => rect(230, 640 - n * 150, 700, 26, '#a9aaa6')) +
    times(5, n => rect(240 + n * 165, 640 - (floors - 1) * 150, 26, (floors - 1) * 150 + 90, '#94958f')) +
    times(9, n =>
      line(262 + n * 80, 640 - (floors - 1) * 150, 262 + n * 80, 585 - (floors - 1) * 150, '#7a4a32', 5),
    ) +
    line(1010, 720, 1010, 60, '#d9a514', 20) +
    line(420, 90, 1160, 90, '#d9a514', 14) +
    line(1010, 30, 520, 88, '#8b6a10', 4) +
    line(560, 92, 560, 300, '#333', 3) +
    rect(510, 300, 100, 36, '#6b5b48')
  )
}

const trench: Draw = random =>
  rect(0, 0, WIDTH, HEIGHT, '#9c8261') +
  shape('330,900 520,120 680,120 900,900', '#4d3c2b') +
  shape('520,120 545,120 420,900 330,900', '#6d563d') +
  shape('560,140 630,140 700,900 540,900', random.chance(0.5) ? '#b4562f' : '#33506b') +
  times(5, n => rect(540 - n * 6, 190 + n * 150, 130 + n * 22, 14 + n * 3, '#2e2a26', 'opacity=".5"')) +
  line(120, 640, 260, 200, '#c9a15a', 26) +
  line(980, 560, 900, 210, '#c9a15a', 22)

const rebar: Draw = () =>
  rect(0, 0, WIDTH, HEIGHT, '#a6a49d') +
  times(
    15,
    n =>
      line(-80 + n * 95, 0, -220 + n * 120, HEIGHT, '#3b2a20', 13) +
      line(-76 + n * 95, 0, -216 + n * 120, HEIGHT, '#9a5b37', 6),
  ) +
  times(
    12,
    n =>
      line(0, 40 + n * 80, WIDTH, 10 + n * 84, '#4a3325', 14) +
      line(0, 37 + n * 80, WIDTH, 7 + n * 84, '#ad6a40', 6),
  ) +
  rect(0, 0, WIDTH, 70, '#b98b4d')

const masonry: Draw = random =>
  rect(0, 0, WIDTH, HEIGHT, '#8f887b') +
  times(12, row =>
    times(9, n => {
      const isMissing = row < 2 && n > 4 + row + random.below(2)
      const tone = 150 + random.below(30)
      return isMissing
        ? rect(n * 150 - (row % 2) * 75, row * 78, 152, 80, '#8fb0cb')
        : rect(n * 150 - (row % 2) * 75 + 4, row * 78 + 4, 142, 70, `rgb(${tone + 12},${tone},${tone - 18})`)
    }),
  ) +
  line(80, 0, 96, HEIGHT, '#d8cf3d', 5)

const scaffold: Draw = random =>
  sky +
  rect(180, 90, 900, 700, random.chance(0.5) ? '#d8d2c3' : '#c7a98a') +
  times(3, row =>
    times(
      4,
      n =>
        rect(260 + n * 205, 150 + row * 210, 110, 130, '#36424d') +
        rect(260 + n * 205, 284 + row * 210, 110, 10, '#eee'),
    ),
  ) +
  times(
    4,
    row =>
      rect(130, 130 + row * 200, 1000, 14, '#b98b4d') +
      line(130, 80 + row * 200, 1130, 80 + row * 200, '#8b9298', 6),
  ) +
  times(6, n => line(150 + n * 190, 20, 150 + n * 190, 820, '#8b9298', 11)) +
  line(150, 760, 340, 330, '#8b9298', 6) +
  ground(800)

const roof: Draw = () =>
  sky +
  shape('0,900 0,560 600,170 1200,560 1200,900', '#8d6a45') +
  times(11, n => line(600, 170, -260 + n * 172, 920, '#d2a569', 24)) +
  times(6, n => line(600 - 100 * (n + 1), 200 + n * 105, 600 + 100 * (n + 1), 200 + n * 105, '#e0bd85', 13)) +
  shape('0,900 0,700 420,900', '#4c5b62')

const plaster: Draw = random =>
  rect(0, 0, WIDTH, HEIGHT, '#e3ddd0') +
  shape('0,900 0,760 1200,690 1200,900', '#9d968a') +
  rect(420, 170, 300, 570, '#c9c1b1') +
  rect(436, 190, 268, 540, random.chance(0.5) ? '#6a737a' : '#dfe9ef') +
  shape('0,0 420,0 330,900 0,900', '#f1ece1') +
  rect(820, 330, 70, 110, '#d7d2c6', 'stroke="#8c8677" stroke-width="4"') +
  line(855, 0, 855, 330, '#d8782f', 10) +
  rect(900, 690, 150, 120, '#3d6fa5') +
  rect(890, 676, 170, 18, '#2c527a')

const tiles: Draw = random => {
  const laid = 5 + random.below(4)
  return (
    rect(0, 0, WIDTH, HEIGHT, '#a7a298') +
    times(9, row =>
      times(12, n =>
        n > laid + ((row * 3) % 4)
          ? ''
          : rect(n * 108 + 3, row * 108 + 3, 102, 102, (row + n) % 5 === 0 ? '#cfd3d2' : '#dde0df') +
            rect(n * 108 + 3, row * 108 + 3, 102, 9, '#fff', 'opacity=".5"'),
      ),
    ) +
    rect(900, 120, 240, 46, '#c23b2b') +
    rect(985, 132, 70, 22, '#cfe86b')
  )
}

const lift: Draw = random =>
  rect(0, 0, WIDTH, HEIGHT, '#8a8f94') +
  rect(260, 60, 680, 800, '#5b6066') +
  rect(290, 90, 300, 770, '#b9bec3') +
  rect(random.chance(0.5) ? 640 : 610, 90, 300, 770, '#c3c8cc') +
  rect(590, 90, 30, 770, '#15181b') +
  rect(1000, 380, 90, 180, '#d5d8da', 'stroke="#777" stroke-width="4"') +
  '<circle cx="1045" cy="430" r="24" fill="#f2c14b"/><circle cx="1045" cy="505" r="24" fill="#eef0f1"/>' +
  rect(0, 850, WIDTH, 50, '#3a3d40')

const pipes: Draw = random =>
  rect(0, 0, WIDTH, HEIGHT, '#7d7a72') +
  times(4, n =>
    line(
      0,
      180 + n * 150,
      WIDTH,
      170 + n * 150,
      ['#b5472d', '#2f5f92', '#c7c9c8', '#b5472d'][n] ?? '#999',
      62,
    ),
  ) +
  times(4, n => line(0, 166 + n * 150, WIDTH, 156 + n * 150, '#fff', 7)) +
  times(3, n => rect(230 + n * 330, 130 + n * 150, 56, 100, '#4c5156')) +
  '<circle cx="590" cy="330" r="104" fill="#d9a514"/><circle cx="590" cy="330" r="60" fill="#7d7a72"/>' +
  `<circle cx="900" cy="470" r="76" fill="#f4f2ec" stroke="#333" stroke-width="10"/>` +
  line(900, 470, 900 + random.below(60) - 30, 415, '#c22', 7) +
  shape('560,720 640,900 480,900', '#5f7f96')

const cabinet: Draw = random =>
  rect(0, 0, WIDTH, HEIGHT, '#b8b4a9') +
  rect(220, 60, 760, 800, '#d9d8d2') +
  rect(260, 100, 680, 720, '#5a5f63') +
  times(
    4,
    row =>
      rect(290, 150 + row * 170, 620, 12, '#c8ccce') +
      times(
        12,
        n =>
          rect(300 + n * 51, 120 + row * 170, 44, 96, '#eceae4') +
          rect(312 + n * 51, random.below(9) === 0 ? 176 + row * 170 : 140 + row * 170, 20, 26, '#26292c'),
      ),
  ) +
  times(
    9,
    n =>
      `<path d="M${330 + n * 64} 216 q ${random.below(60) - 30} 40 0 74" stroke="${['#7a4b24', '#222', '#3065a8', '#3f8f3c'][n % 4]}" stroke-width="9" fill="none"/>`,
  )

const unit: Draw = random =>
  sky +
  rect(0, 640, WIDTH, 260, '#9b9c98') +
  rect(180, 250, 840, 470, '#dde0df') +
  times(
    2,
    n =>
      `<circle cx="${400 + n * 400}" cy="480" r="170" fill="#3b4145"/>${times(7, ring => `<circle cx="${400 + n * 400}" cy="480" r="${160 - ring * 22}" fill="none" stroke="#8d9498" stroke-width="5"/>`)}${line(400 + n * 400 - 120, 480 + random.below(80) - 40, 400 + n * 400 + 120, 480, '#15181b', 26)}`,
  ) +
  rect(180, 250, 840, 30, '#b7bcbb') +
  line(1020, 600, 1200, 600, '#2b2b2b', 24)

/** What the construction's photos show, and what tickets' do. */
export const siteDrawings = { frame, trench, rebar, masonry, scaffold, roof, plaster, tiles } as const
export const serviceDrawings = { lift, pipes, cabinet, unit } as const
