// What the fields of schedules are called, and what their rules say, in Serbian and French;
// in English, where it is not what stands in the declaration.

export const availabilityWords = {
  en: { fields: { 'slots.from': 'start of the slot', 'slots.to': 'end of the slot' } },
  sr: {
    titles: { '{} on {}': '{}, {}' },
    fields: {
      staff: 'osoba',
      staffName: 'ime',
      date: 'datum',
      zone: 'vremenska zona',
      slots: 'termini',
      'slots.from': 'početak termina',
      'slots.to': 'kraj termina',
      'slots.note': 'napomena',
      'slots.booking': 'zakazivanje',
    },
    sentences: {
      'there are bookings on it: cancel them first': 'ima zakazanih: prvo ih otkažite',
      'it is another day: add that one instead': 'to je drugi dan: dodajte njega',
      'it is the time of somebody else': 'to je vreme nekog drugog',
      'the slot is booked: cancel the booking first': 'termin je zakazan: prvo otkažite zakazivanje',
      'a booking needs the name of the client': 'za zakazivanje treba ime klijenta',
      'there is no such slot': 'takvog termina nema',
      'the booking is no longer there': 'zakazivanje više nije tu',
      'the slot is taken': 'termin je zauzet',
      '{} has no slot now, and nothing else is free that day':
        '{} sada nema termin, a tog dana više ništa nije slobodno',
      '{} has no slot now: the next free one is {}, {}': '{} sada nema termin: sledeći slobodan je {}, {}',
    },
  },
  fr: {
    titles: { '{} on {}': '{}, le {}' },
    fields: {
      staff: 'personne',
      staffName: 'nom',
      date: 'date',
      zone: 'fuseau horaire',
      slots: 'créneaux',
      'slots.from': 'début du créneau',
      'slots.to': 'fin du créneau',
      'slots.note': 'note',
      'slots.booking': 'réservation',
    },
    sentences: {
      'there are bookings on it: cancel them first': 'il y a des réservations : annulez-les d’abord',
      'it is another day: add that one instead': 'c’est un autre jour : ajoutez plutôt celui-là',
      'it is the time of somebody else': 'c’est le temps de quelqu’un d’autre',
      'the slot is booked: cancel the booking first':
        'le créneau est réservé : annulez d’abord la réservation',
      'a booking needs the name of the client': 'une réservation demande le nom du client',
      'there is no such slot': 'ce créneau n’existe pas',
      'the booking is no longer there': 'la réservation n’est plus là',
      'the slot is taken': 'le créneau est pris',
      '{} has no slot now, and nothing else is free that day':
        '{} n’a plus de créneau, et rien d’autre n’est libre ce jour-là',
      '{} has no slot now: the next free one is {}, {}':
        '{} n’a plus de créneau : le prochain libre est le {}, {}',
    },
  },
}
