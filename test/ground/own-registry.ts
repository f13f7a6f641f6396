// A registry of npm packages that has what this tree has installed, and corecord itself as `npm pack` makes it: so a
// test can type `npm install` as a page says, in an empty folder with an empty home, and waits for nobody's network.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

interface Stored {
  readonly manifest: Manifest
  /** A folder, or a file that is packed already. */
  readonly path: string
}

export interface OwnRegistry {
  /** What npm has to know to ask here and nowhere else. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

export async function startOwnRegistry(): Promise<OwnRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-registry-'))
  const packages = installedPackages()
  const itself = await packed(folder)
  packages.set(itself.manifest.name, [itself])
  const server = createServer((request, response) => {
    const [, name = '', version] =
      /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+)\.tgz)?$/.exec(decoded(request.url)) ?? []
    const versions = packages.get(name) ?? []
    const one = versions.find(({ manifest }) => manifest.version === version)
    if (version === undefined && versions.length > 0) sendNames(response, url, versions)
    else if (one !== undefined) sendPacked(response, one.path)
    else response.writeHead(404).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    environment: {
      npm_config_registry: url,
      npm_config_cache: join(folder, 'cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
    },
    async close() {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** By name, every version that lies in this tree's node_modules. */
function installedPackages(): Map<string, Stored[]> {
  const { packages }: { packages: Record<string, object> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  const found = new Map<string, Stored[]>()
  for (const place of Object.keys(packages)) {
    const path = join(root, place)
    if (place === '' || !existsSync(join(path, 'package.json'))) continue
    const manifest: Manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    found.set(manifest.name, [...(found.get(manifest.name) ?? []), { manifest, path }])
  }
  return found
}

async function packed(folder: string): Promise<Stored> {
  const run = promisify(execFile)
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [{ filename }] = JSON.parse((await run('npm', args, { cwd: root })).stdout)
  const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return { manifest, path: join(folder, filename) }
}

function sendNames(response: ServerResponse, url: string, versions: readonly Stored[]): void {
  const shown = versions.map(({ manifest }) => {
    // Binaries of other platforms are not here, and npm would look for each.
    const optional = Object.entries(manifest.optionalDependencies ?? {}).filter(([name]) =>
      existsSync(join(root, 'node_modules', name)),
    )
    const tarball = `${url}/${manifest.name}/-/${manifest.version}.tgz`
    return { ...manifest, optionalDependencies: Object.fromEntries(optional), dist: { tarball } }
  })
  const newest = shown
    .map(({ version }) => version)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0]
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({
      name: shown[0]?.name,
      'dist-tags': { latest: newest },
      versions: Object.fromEntries(shown.map(one => [one.version, one])),
    }),
  )
}

function sendPacked(response: ServerResponse, path: string): void {
  if (path.endsWith('.tgz')) {
    response.end(readFileSync(path))
    return
  }
  // What lies in its node_modules are packages of their own.
  const args = ['-cf', '-', '--exclude=./node_modules', '--transform', 's,^\\.,package,', '-C', path, '.']
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  tar.stdout.pipe(response)
  response.on('close', () => tar.kill())
}

function decoded(url = '/'): string {
  return decodeURIComponent(url.split('?')[0] ?? '/')
}
