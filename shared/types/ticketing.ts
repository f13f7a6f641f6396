// Field service: where the tickets are, the parts that travel to them, and who travels with the parts.

import { defineRecord } from '../record/define-record.ts'
import { localId } from '../record/room-name.ts'
import {
  bool,
  counter,
  date,
  integer,
  list,
  log,
  money,
  oneOf,
  ref,
  setOf,
  text,
  time,
} from '../record/field.ts'
import { claim } from '../record/filter.ts'
import { PRICE } from './amount.ts'
import { DESK, READERS, STAFF } from './ticket.ts'
import { siteWords, shipmentWords, inventoryWords, techWords } from './ticketing-words.ts'

export const Site = defineRecord('site', {
  words: siteWords,
  fields: {
    name: text.line({ max: 200, required: true }),
    address: text.line({ max: 400 }),
    city: text.line({ max: 100 }),
    contact: text.line({ max: 200 }),
    phone: text.line({ max: 40 }),
    notes: text.plain({ max: 10_000 }),
    equipment: list({
      name: text.line({ max: 200 }),
      serial: text.line({ max: 100 }),
      installedOn: date(),
      note: text.line({ max: 400 }),
    }),
  },
  row: t => ({
    /** Itself, so that one condition finds a site and its tickets and shipments. */
    site: `site:${localId('site', t.id)}`,
    name: t.name,
    address: t.address,
    city: t.city,
    contact: t.contact,
    phone: t.phone,
    equipment: t.equipment.length,
  }),
  list: {
    orders: ['name', 'city', 'created', 'updated'],
    equal: ['site', 'city'],
    search: ['name', 'address', 'city'],
  },
  access: {
    read: { $any: [{ $role: [...READERS] }, { site: { in: claim('sites') } }] },
    create: DESK,
    remove: DESK,
    write: { '*': DESK, equipment: STAFF, notes: STAFF },
  },
  notify: ({ created, after }) =>
    created
      ? [
          {
            level: 'success',
            kind: 'site_added',
            several: 'new sites',
            params: { title: after.name },
            sentence: `New site: ${after.name}`,
          },
        ]
      : [],
})

export const Shipment = defineRecord('shipment', {
  words: shipmentWords,
  fields: {
    number: text.line({ max: 40 }),
    ticket: ref('ticket'),
    site: ref('site'),
    parts: list({
      part: ref('inventory'),
      name: text.line({ max: 200 }),
      quantity: integer({ min: 0, max: 1e6 }),
    }),
    carrier: text.line({ max: 100 }),
    tracking: text.line({ max: 100 }),
    state: oneOf('ordered', 'shipped', 'arrived', 'returned').default('ordered'),
    expectedOn: date(),
  },
  belongsTo: 'ticket',
  title: (t, say) => say('Shipment {}', t.number ?? t.tracking ?? localId('shipment', t.id)),
  row: t => ({
    number: t.number,
    ticket: t.ticket,
    site: t.site,
    parts: t.parts.length,
    pieces: t.parts.reduce((sum, { quantity }) => sum + (quantity ?? 0), 0),
    carrier: t.carrier,
    tracking: t.tracking,
    state: t.state,
    expectedOn: t.expectedOn,
  }),
  list: {
    orders: ['number', 'state', 'expectedOn', 'created', 'updated'],
    equal: ['ticket', 'site', 'state', 'carrier'],
    search: ['number', 'carrier', 'tracking'],
  },
  access: {
    read: { $any: [{ $role: [...READERS] }, { site: { in: claim('sites') } }] },
    create: DESK,
    remove: DESK,
    write: { '*': DESK, state: STAFF },
  },
  notify: ({ before, after }) =>
    before.state !== 'arrived' && after.state === 'arrived' && after.ticket !== null
      ? [
          {
            level: 'info',
            kind: 'shipment_arrived',
            several: 'shipments arrived',
            params: { carrier: after.carrier ?? '' },
            sentence: `The parts for your ticket have arrived${after.carrier === null ? '' : ` with ${after.carrier}`}`,
            to: [],
            toNamedBy: { room: after.ticket, fields: ['assignedTo', 'claimedBy'] },
          },
        ]
      : [],
})

export const Inventory = defineRecord('inventory', {
  words: inventoryWords,
  fields: {
    part: text.line({ max: 64, required: true }),
    name: text.line({ max: 200 }),
    unit: text.line({ max: 16 }).default('pc'),
    place: text.line({ max: 100 }),
    minimum: integer({ min: 0, max: 1e6 }).default(0),
    price: money(PRICE).merge('review'),
    /** Deliveries and stocktaking add to it on the spot; taking from it is the action `take`. */
    stock: counter(),
    takings: log({
      quantity: integer({ min: 1, max: 1e6 }),
      ticket: ref('ticket'),
      takenBy: ref('user'),
      takenAt: time(),
    }),
  },
  derive: { isLow: t => t.stock < t.minimum },
  title: t => t.name ?? t.part,
  row: t => ({
    part: t.part,
    name: t.name,
    unit: t.unit,
    place: t.place,
    stock: t.stock,
    minimum: t.minimum,
    isLow: t.isLow,
    price: t.price,
  }),
  list: {
    orders: ['part', 'name', 'stock', 'created', 'updated'],
    equal: ['isLow', 'place'],
    search: ['part', 'name', 'place'],
  },
  access: {
    read: { $role: [...READERS] },
    create: DESK,
    remove: DESK,
    write: { '*': DESK, price: ['office', 'manager'], takings: false },
  },
  notify: ({ before, after }) =>
    after.stock < 0 && before.stock >= 0
      ? [
          {
            level: 'error',
            kind: 'stock_below_zero',
            several: 'parts below zero',
            critical: true,
            params: { title: after.name ?? after.part },
            sentence: `${after.name ?? after.part}: more was taken than there was. Count the stock again`,
            roles: [...DESK],
          },
        ]
      : after.isLow && !before.isLow
        ? [
            {
              level: 'warning',
              kind: 'stock_low',
              several: 'parts run low',
              params: { title: after.name ?? after.part, left: after.stock, minimum: after.minimum },
              sentence: `${after.name ?? after.part}: ${after.stock} left, below the minimum of ${after.minimum}`,
              roles: [...DESK],
            },
          ]
        : [],
  actions: {
    /** Two takers who merge could take more than there is, so the server takes. */
    take: {
      args: { quantity: integer({ min: 1, max: 1e6 }), ticket: ref('ticket') },
      allow: STAFF,
      needs: (_, { ticket }) => (ticket == null ? [] : [ticket]),
      run: ({ t, me, now, args: { quantity, ticket }, add, set, view, refuse }) => {
        const wanted = quantity ?? 1
        if (t.removed) refuse('this part was removed from the stock')
        if (t.stock < wanted) refuse(t.stock > 0 ? `only ${t.stock} left` : 'none left')
        if (ticket != null && view(ticket) === null) refuse('there is no such ticket')
        add('stock', -wanted)
        // Only the server writes here, one taking after the other, so the count names the next.
        set({
          [`takings/${t.takings.length + 1}`]: {
            quantity: wanted,
            ticket: ticket ?? null,
            takenBy: me.id,
            takenAt: Math.floor(now),
          },
        })
        if (ticket != null) add('partsUsed', wanted, ticket)
        return { left: t.stock - wanted }
      },
    },
  },
})

export const Tech = defineRecord('tech', {
  words: techWords,
  fields: {
    user: ref('user'),
    name: text.line({ max: 100, required: true }),
    phone: text.line({ max: 40 }),
    region: text.line({ max: 100 }),
    skills: setOf(text.line({ max: 40 })),
    available: bool().default(true),
  },
  row: t => ({
    user: t.user,
    name: t.name,
    phone: t.phone,
    region: t.region,
    skills: t.skills,
    available: t.available,
  }),
  list: {
    orders: ['name', 'region', 'created', 'updated'],
    equal: ['user', 'region', 'available'],
    search: ['name', 'region', 'skills'],
  },
  access: {
    read: { $role: [...READERS] },
    create: DESK,
    remove: DESK,
    write: {
      '*': ({ me, t, path }) =>
        me.is(...DESK) || (t.user === me.id && ['phone', 'available'].includes(path)) || 'ask a dispatcher',
    },
  },
})
