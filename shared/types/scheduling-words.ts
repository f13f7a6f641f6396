// What the fields of schedules are called, and what their rules say, in Serbian and French;
// in English, where it is not what stands in the declaration.

export const availabilityWords = {
  en: {
    fields: { 'slots.from': 'start of the slot', 'slots.to': 'end of the slot' },
    // With its day as people write it.
    sentences: {
      '{} was not moved to {}, {}: the slot is taken': '{} was not moved to {}, {}: the slot is taken',
    },
  },
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
      '{} was not moved: there is no such slot': 'termin za klijenta {} nije premešten: takvog termina nema',
      '{} was not moved: it is the time of somebody else':
        'termin za klijenta {} nije premešten: to je vreme nekog drugog',
      '{} was not moved: the booking is no longer there':
        'termin za klijenta {} nije premešten: zakazivanje više nije tu',
      '{} was not moved to {}, {}: the slot is taken':
        'termin za klijenta {} nije premešten na {}, {}: to je zauzeto',
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
      '{} was not moved: there is no such slot':
        'le rendez-vous de {} n’a pas été déplacé : ce créneau n’existe pas',
      '{} was not moved: it is the time of somebody else':
        'le rendez-vous de {} n’a pas été déplacé : c’est le temps de quelqu’un d’autre',
      '{} was not moved: the booking is no longer there':
        'le rendez-vous de {} n’a pas été déplacé : il n’est plus là',
      '{} was not moved to {}, {}: the slot is taken':
        'le rendez-vous de {} n’a pas été déplacé au {}, {} : le créneau est pris',
      '{} has no slot now, and nothing else is free that day':
        '{} n’a plus de créneau, et rien d’autre n’est libre ce jour-là',
      '{} has no slot now: the next free one is {}, {}':
        '{} n’a plus de créneau : le prochain libre est le {}, {}',
    },
  },
}
