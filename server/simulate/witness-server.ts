// The server of a simulated history: it takes updates, adds what `settleTurn` says, and keeps its own account of
// who claimed what first, by which that is judged. What it took in counts once its disk has it, and not before.

import * as Y from 'yjs'
import { type LiveCell, SERVER_AUTHOR } from '../../shared/record/cell.ts'
import { type CellChange, CellIndex } from '../../shared/record/cell-index.ts'
import { createClock } from '../../shared/record/clock.ts'
import { type AcceptedWrite, settleTurn } from '../../shared/record/settle-turn.ts'
import type { World } from './device.ts'
import { cellFieldAt } from './expectation.ts'
import { decodeUpdate, type Fate, type LiveWrites, type Write } from './ledger.ts'
import { isEqual } from './oracle.ts'
import { Specimen } from './specimen.ts'

interface Claim {
  readonly id: string
  readonly ordinal: number
}

/** All that a commit changes, as it stands on the disk. */
interface OnDisk {
  readonly bytes: Uint8Array
  readonly struck: ReadonlySet<string>
  readonly fates: ReadonlyMap<string, Fate>
  readonly claims: ReadonlyMap<string, readonly Claim[]>
  readonly commit: number
}

export class WitnessServer {
  doc: Y.Doc
  index: CellIndex
  struck = new Set<string>()
  /** Of what the server deleted itself, and why. */
  fates = new Map<string, Fate>()
  readonly #world: World
  readonly #clock
  #claims = new Map<string, readonly Claim[]>()
  #commit = 0
  #change: CellChange | null = null
  #onDisk: OnDisk
  /** Own writes that the disk does not have. */
  #unsaved: string[] = []

  constructor(world: World) {
    this.#world = world
    this.#clock = createClock({ wall: () => world.nowMs, monotonic: () => world.nowMs })
    ;({ doc: this.doc, index: this.index } = this.#load(null))
    this.#onDisk = this.#state()
  }

  /** The disk has all that was committed: now it may be told. */
  save(): void {
    this.#onDisk = this.#state()
    this.#unsaved = []
  }

  /** Killed and started again: it knows what its disk has, and writes under another client id. */
  crash(): void {
    const { bytes, struck, fates, claims, commit } = this.#onDisk
    this.close()
    for (const id of this.#unsaved) this.#world.ledger.writes.delete(id)
    this.#unsaved = []
    this.struck = new Set(struck)
    this.fates = new Map(fates)
    this.#claims = new Map(claims)
    this.#commit = commit
    ;({ doc: this.doc, index: this.index } = this.#load(bytes))
  }

  close(): void {
    this.index.close()
    this.doc.destroy()
  }

  #load(bytes: Uint8Array | null): { doc: Y.Doc; index: CellIndex } {
    const doc = new Y.Doc()
    doc.clientID = this.#world.newClientId()
    if (bytes !== null) Y.applyUpdate(doc, bytes)
    const index = new CellIndex(doc)
    index.start(change => {
      this.#change = change
    })
    return { doc, index }
  }

  #state(): OnDisk {
    return {
      bytes: Y.encodeStateAsUpdate(this.doc),
      struck: new Set(this.struck),
      fates: new Map(this.fates),
      claims: new Map(this.#claims),
      commit: this.#commit,
    }
  }

  get live(): LiveWrites {
    return this.#world.ledger.live(client => Y.getState(this.doc.store, client), this.struck)
  }

  /** Takes updates in one commit; answers with what the server wrote itself, or null. */
  commit(updates: readonly Uint8Array[]): Uint8Array | null {
    this.#commit++
    const writes: AcceptedWrite[] = []
    const fates = new Map<string, Fate>()
    const touched = new Set<string>()
    for (const update of updates) {
      this.#change = null
      Y.applyUpdate(this.doc, update)
      for (const id of decodeUpdate(update).struck) this.struck.add(id)
      // Set by the listener within applyUpdate, which the compiler cannot see.
      const change = this.#change as CellChange | null
      if (change === null) continue
      const added = inOrder(change.added)
      writes.push({ added, deleted: change.removed })
      for (const { path } of [...change.added, ...change.removed]) touched.add(path)
      this.#witness(added, change.removed, fates)
    }
    // What an update of the same commit has replaced itself, the server has not to delete.
    for (const id of this.struck) fates.delete(id)
    const live = this.live
    for (const path of touched) {
      this.#expectTwins(live.get(path) ?? [], path, fates)
      this.#expectJudged(live.get(path) ?? [], path, fates)
    }
    for (const [path, claims] of this.#claims) {
      const here = new Set((live.get(path) ?? []).map(({ id }) => id))
      this.#claims.set(
        path,
        claims.filter(({ id }) => here.has(id) && !fates.has(id)),
      )
    }
    return this.#settle(writes, fates, touched)
  }

  /** «A cell that replaces the holder's inherits its ordinal»; any other comes last. */
  #witness(added: readonly LiveCell[], removed: readonly LiveCell[], fates: Map<string, Fate>): void {
    const gone = new Set(removed.map(idOf))
    for (const path of new Set([...added, ...removed].map(cell => cell.path))) {
      if (cellFieldAt(Specimen, path)?.policy !== 'first') continue
      let claims = this.#claims.get(path) ?? []
      const struck = claims.filter(({ id }) => gone.has(id))
      let heir = struck[0]
      for (const cell of added) {
        if (cell.path !== path) continue
        // What the same client id wrote before, it replaces, whether that is still there to be judged or not.
        heir ??= claims.find(({ id }) => id.startsWith(`${cell.client}.`))
        if (cell.value !== null) {
          const claim = { id: idOf(cell), ordinal: heir?.ordinal ?? this.#commit }
          claims =
            heir === undefined ? [...claims, claim] : claims.map(other => (other === heir ? claim : other))
        } else if (heir !== undefined && heir === claims[0]) {
          for (const { id } of claims) {
            if (id !== heir.id && !gone.has(id)) fates.set(id, 'retired')
          }
          claims = []
        } else claims = claims.filter(other => other !== heir)
        heir = undefined
      }
      this.#claims.set(
        path,
        claims.filter(claim => !struck.includes(claim)),
      )
    }
  }

  /** «An equal second is accepted and deleted by the server in the same commit.» */
  #expectTwins(here: readonly Write[], path: string, fates: Map<string, Fate>): void {
    const [name = ''] = path.split('/')
    if (Specimen.fields[name as keyof typeof Specimen.fields]?.kind !== 'log') return
    const [first] = [...here].sort((a, b) => a.stamp - b.stamp || a.client - b.client)
    for (const write of here) if (write !== first) fates.set(write.id, 'twin')
  }

  /** What a client id kept only to be judged in order goes when it has been. */
  #expectJudged(here: readonly Write[], path: string, fates: Map<string, Fate>): void {
    if (cellFieldAt(Specimen, path) === null) return
    for (const { id, client, clock } of here) {
      if (here.some(other => other.client === client && other.clock > clock)) fates.set(id, 'own older')
    }
  }

  #settle(
    writes: readonly AcceptedWrite[],
    fates: Map<string, Fate>,
    touched: ReadonlySet<string>,
  ): Uint8Array | null {
    const { pushes, victims } = settleTurn(Specimen, this.index, writes, this.#commit)
    let sent: Uint8Array | null = null
    const keep = (update: Uint8Array): void => {
      sent = update
    }
    const before = this.live
    this.doc.on('update', keep)
    if (pushes.length + victims.length > 0) {
      this.doc.transact(transaction => {
        const contents = pushes.map(({ path, value }) => [path, value, this.#clock.next(), SERVER_AUTHOR])
        this.index.replace(transaction, contents, [
          ...pushes.flatMap(({ path }) => this.index.at(path)),
          ...victims,
        ])
      })
    }
    this.doc.off('update', keep)
    const { writes: written, struck } = sent === null ? { writes: [], struck: [] } : decodeUpdate(sent)
    for (const write of written) {
      const path = witnessed(write.path)
      const claims = this.#claims.get(path) ?? []
      const named = claims.map(({ id, ordinal }) => [...id.split('.').map(Number), ordinal])
      if (!isEqual(write.value, named)) {
        throw new Error(
          `the server witnesses ${JSON.stringify(write.value)} at ${path}, not ${JSON.stringify(named)}`,
        )
      }
      for (const old of before.get(write.path) ?? []) fates.set(old.id, 'witness renewed')
      this.#world.ledger.add(write)
      this.#unsaved.push(write.id)
    }
    const fated = [...fates.keys()].sort().join(' ')
    if ([...struck].sort().join(' ') !== fated) {
      throw new Error(
        `the server deletes ${struck.join(' ') || 'nothing'}, and should delete ${fated || 'nothing'}`,
      )
    }
    for (const [id, fate] of fates) this.fates.set(id, fate)
    for (const id of struck) this.struck.add(id)
    for (const path of touched) this.#assertWitnessed(path)
    return sent
  }

  #assertWitnessed(path: string): void {
    const claims = this.#claims.get(path)
    if (claims === undefined) return
    const cell = this.live.get(`$w/${path.replaceAll('/', '%2F')}`)?.[0]
    const named = ((cell?.value ?? []) as [number, number, number][]).map(
      ([client, clock]) => `${client}.${clock}`,
    )
    if (
      !isEqual(
        named,
        claims.map(({ id }) => id),
      )
    ) {
      throw new Error(
        `${path} is witnessed as ${named.join(' ')}, and should be ${claims.map(({ id }) => id).join(' ')}`,
      )
    }
  }
}

const idOf = ({ client, clock }: { readonly client: number; readonly clock: number }): string =>
  `${client}.${clock}`
const witnessed = (path: string): string => path.slice(3).replaceAll('%2F', '/')

/** Within one client id by clock; where an update holds several, by stamp. */
const inOrder = (cells: readonly LiveCell[]): LiveCell[] =>
  cells.every(({ client }) => client === cells[0]?.client)
    ? [...cells].sort((a, b) => a.clock - b.clock)
    : [...cells].sort((a, b) => a.stamp - b.stamp)
