// Calm surfaces and one accent a workspace. Every pair of text and ground that the app uses has a contrast of 4.5
// at least, in light and dark.

import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from '@mantine/core'

export type Accent = 'slate' | 'teal' | 'clay' | 'blue' | 'green' | 'plum'

const accents: { readonly [A in Accent]: MantineColorsTuple } = {
  slate: [
    '#f3f5f7',
    '#e6e9ed',
    '#cbd2d9',
    '#aeb8c2',
    '#94a1ae',
    '#8292a1',
    '#637485',
    '#52606d',
    '#3e4c59',
    '#2b3642',
  ],
  teal: [
    '#e8f7f5',
    '#d3ece8',
    '#a6d9d1',
    '#76c5b9',
    '#4fb4a4',
    '#36a998',
    '#158276',
    '#0f7468',
    '#0a5f55',
    '#064a42',
  ],
  clay: [
    '#fdf2ec',
    '#f6e1d5',
    '#eec0a6',
    '#e69d74',
    '#df7f4b',
    '#db6c31',
    '#bd5520',
    '#a54716',
    '#87390f',
    '#6a2b08',
  ],
  blue: [
    '#edf3fc',
    '#d9e5f6',
    '#b1c9ee',
    '#86abe6',
    '#6192df',
    '#4a82db',
    '#3a73cf',
    '#2c61b6',
    '#214f98',
    '#173d7a',
  ],
  green: [
    '#edf7ee',
    '#dcebde',
    '#b7d8bb',
    '#8fc496',
    '#6db376',
    '#57a962',
    '#3c8447',
    '#337540',
    '#285f33',
    '#1c4825',
  ],
  plum: [
    '#f8f0f8',
    '#eedeee',
    '#dcbadd',
    '#ca94cb',
    '#ba73bc',
    '#b05eb2',
    '#9b4a9d',
    '#853c87',
    '#6b2d6d',
    '#522053',
  ],
}

export const themeOf = (accent: Accent): MantineThemeOverride =>
  createTheme({
    colors: { accent: accents[accent] },
    primaryColor: 'accent',
    primaryShade: { light: 7, dark: 6 },
    autoContrast: true,
    luminanceThreshold: 0.28,
    defaultRadius: 'md',
    cursorType: 'pointer',
    fontFamily:
      'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif',
    headings: {
      fontWeight: '620',
      sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.2rem' }, h3: { fontSize: '1.03rem' } },
    },
    respectReducedMotion: true,
  })

/** Grounds, lines and quiet text; the component library's own quiet grey is too faint to read. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#59636e',
    '--mantine-color-placeholder': '#6b747d',
    '--mantine-color-error': '#b3261e',
    '--ground': '#f6f7f8',
    '--line': '#e3e6e9',
    '--amber-ground': '#fff3d6',
    '--amber-text': '#7a4b00',
    '--amber-line': '#e0a526',
    '--red-ground': '#fdeceb',
    '--red-text': '#a3221a',
    '--red-line': '#d9534a',
    '--quiet-ground': '#eceff2',
    '--mark': '#fff6cc',
  },
  dark: {
    '--mantine-color-body': '#1d2024',
    '--mantine-color-dimmed': '#a5aeb8',
    '--mantine-color-placeholder': '#919aa4',
    '--mantine-color-error': '#ff8a80',
    '--ground': '#16181b',
    '--line': '#31363c',
    '--amber-ground': '#3d2f0e',
    '--amber-text': '#ffd27a',
    '--amber-line': '#a97a1b',
    '--red-ground': '#401d1b',
    '--red-text': '#ffaaa3',
    '--red-line': '#b8463f',
    '--quiet-ground': '#262a2f',
    '--mark': '#4a4113',
  },
})
