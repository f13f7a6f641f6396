import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const permissive = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'MIT-0',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
]
const known: Record<string, string> = {
  // Its terms bind its own files, which are used as they are.
  'web-push': 'MPL-2.0',
}
// The image library that sharp loads: LGPL, a shared library of its own.
const libvips = /^@img\/sharp-/

test('whoever uses corecord takes on permissive licences only, but for those named here', () => {
  const lock: { packages: Record<string, { license?: string; dev?: boolean; version: string }> } = JSON.parse(
    readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  )
  const others = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { license = 'none stated' }]) => ({
      name: path.split('node_modules/').at(-1) ?? path,
      license,
    }))
    .filter(({ name, license }) => !isPermissive(license) && known[name] !== license && !libvips.test(name))
  expect(others).toEqual([])
})

/** «(MIT OR GPL)» leaves the choice; «A AND B» means both. */
function isPermissive(license: string): boolean {
  const words = license.replace(/[()]/g, '')
  if (words.includes(' AND ')) return words.split(' AND ').every(isPermissive)
  return words.split(' OR ').some(word => permissive.includes(word))
}
