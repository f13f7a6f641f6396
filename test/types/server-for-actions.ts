// What the server does for an action, in a few lines and written apart from it: state of the records named, all
// writes or none, one action after the other, and series without gaps.

import * as Y from 'yjs'
import { createMe } from '../../shared/record/access.ts'
import { createClock } from '../../shared/record/clock.ts'
import type { ActionContext, AnyView, RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import type { LogFields } from '../../shared/record/field.ts'
import { type OpenRecord, openRecord } from '../../shared/record/open-record.ts'
import type { Value } from '../../shared/record/value.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'

class Refusal extends Error {}

export type Outcome =
  | { readonly ok: true; readonly result: Value }
  | { readonly ok: false; readonly reason: string }

export class ServerForActions {
  readonly rooms = new Map<string, OpenRecord<RecordType>>()
  readonly #series = new Map<string, number>()

  room(name: string): OpenRecord<RecordType> {
    const known = this.rooms.get(name)
    if (known !== undefined) return known
    const type = demoRecords.find(({ name: type }) => type === parseRoomName(name)?.type)
    if (type === undefined) throw new Error(`no type for ${name}`)
    const record = openRecord(type, new Y.Doc(), { author: '$server', id: name, clock: createClock() })
    this.rooms.set(name, record)
    return record
  }

  act(
    room: string,
    name: string,
    by: { readonly id: string; readonly roles: readonly string[] },
    args: { readonly [key: string]: Value } = {},
    openReviews: readonly string[] = [],
  ): Outcome {
    const record = this.room(room)
    const action = record.type.actions[name]
    if (action === undefined) throw new Error(`${room} has no action ${name}`)
    const me = createMe({ id: by.id, name: by.id, roles: by.roles, claims: {} })
    if (Array.isArray(action.allow) && !me.is(...(action.allow as string[]))) {
      return { ok: false, reason: 'not permitted' }
    }
    const t = record.view as AnyView
    const named = new Set([room, ...(action.needs?.(t, args as never) ?? [])])
    const writes: (() => void)[] = []
    const series = new Map(this.#series)
    const at = (other: string | undefined): string => {
      const target = other ?? room
      if (!named.has(target)) throw new Error(`${name} did not name ${target}`)
      return target
    }
    const context: ActionContext<AnyView, never> = {
      me,
      id: room,
      now: 0,
      t,
      args: args as never,
      openReviews,
      set: (values: { readonly [path: string]: Value }, other?: string) => {
        const target = this.room(at(other))
        for (const [path, value] of Object.entries(values)) writes.push(() => target.write(path, value))
      },
      add: (counter, amount, other) => {
        const target = this.room(at(other))
        writes.push(() => target.counter(counter as never).add(amount))
      },
      view: other => {
        const known = this.rooms.get(at(other))?.view as AnyView | undefined
        return known === undefined || known.created === null || known.removed ? null : known
      },
      create: (type, values, options = {}) => {
        const id = `${type}:${options.id ?? this.rooms.size}`
        writes.push(() => {
          const created = this.room(id)
          created.set(values as never)
          for (const [list, entries] of Object.entries(options.entries ?? {})) {
            for (const entry of entries) created.list(list as never).add(entry as never)
          }
        })
        return id
      },
      remove: other => {
        const target = this.room(at(other))
        writes.push(() => target.remove())
      },
      next: name => {
        const next = (series.get(name) ?? 0) + 1
        series.set(name, next)
        return next
      },
      refuse: sentence => {
        throw new Refusal(sentence)
      },
    }
    try {
      const result = (action.run as (c: ActionContext<AnyView, LogFields>) => Value)(context)
      for (const write of writes) write()
      for (const [name, last] of series) this.#series.set(name, last)
      return { ok: true, result }
    } catch (error) {
      if (error instanceof Refusal) return { ok: false, reason: error.message }
      throw error
    }
  }
}
