// What the fields of field service are called, and what their rules say, in Serbian and French.

export const siteWords = {
  sr: {
    fields: {
      name: 'naziv',
      address: 'adresa',
      city: 'grad',
      contact: 'kontakt',
      phone: 'telefon',
      notes: 'beleške',
      equipment: 'oprema',
    },
  },
  fr: {
    fields: {
      name: 'nom',
      address: 'adresse',
      city: 'ville',
      contact: 'contact',
      phone: 'téléphone',
      notes: 'notes',
      equipment: 'équipement',
    },
  },
}

export const shipmentWords = {
  sr: {
    titles: { 'Shipment {}': 'Pošiljka {}' },
    fields: {
      number: 'broj',
      ticket: 'nalog',
      site: 'lokacija',
      parts: 'delovi',
      'parts.quantity': 'količina',
      carrier: 'prevoznik',
      tracking: 'broj za praćenje',
      state: 'stanje',
      expectedOn: 'očekuje se',
    },
  },
  fr: {
    titles: { 'Shipment {}': 'Envoi {}' },
    fields: {
      number: 'numéro',
      ticket: 'ticket',
      site: 'site',
      parts: 'pièces',
      'parts.quantity': 'quantité',
      carrier: 'transporteur',
      tracking: 'numéro de suivi',
      state: 'état',
      expectedOn: 'attendu le',
    },
  },
}

export const inventoryWords = {
  sr: {
    fields: {
      part: 'šifra dela',
      name: 'naziv',
      unit: 'jedinica',
      place: 'mesto',
      minimum: 'minimum',
      price: 'cena',
      stock: 'zaliha',
      takings: 'uzimanja',
    },
    sentences: {
      'this part was removed from the stock': 'ovaj deo je uklonjen iz zalihe',
      'only {} left': 'ostalo je samo {}',
      'none left': 'nema više',
      'there is no such ticket': 'nema takvog naloga',
    },
  },
  fr: {
    fields: {
      part: 'référence',
      name: 'nom',
      unit: 'unité',
      place: 'emplacement',
      minimum: 'minimum',
      price: 'prix',
      stock: 'stock',
      takings: 'retraits',
    },
    sentences: {
      'this part was removed from the stock': 'cette pièce a été retirée du stock',
      'only {} left': 'il n’en reste que {}',
      'none left': 'il n’en reste plus',
      'there is no such ticket': 'ce ticket n’existe pas',
    },
  },
}

export const techWords = {
  sr: {
    fields: {
      user: 'korisnik',
      name: 'ime',
      phone: 'telefon',
      region: 'oblast',
      skills: 'veštine',
      available: 'dostupan',
    },
    sentences: { 'ask a dispatcher': 'obratite se dispečeru' },
  },
  fr: {
    fields: {
      user: 'utilisateur',
      name: 'nom',
      phone: 'téléphone',
      region: 'région',
      skills: 'compétences',
      available: 'disponible',
    },
    sentences: { 'ask a dispatcher': 'adressez-vous à un répartiteur' },
  },
}
