// What the fields of bills of quantities, measurements and statements are called, and what their rules say, in Serbian and French.

export const bordereauWords = {
  sr: {
    fields: {
      project: 'projekat',
      title: 'naslov',
      lines: 'stavke',
      'lines.number': 'broj stavke',
      'lines.designation': 'opis stavke',
      'lines.unit': 'jedinica',
      'lines.quantity': 'količina',
      'lines.unitPrice': 'jedinična cena',
    },
  },
  fr: {
    fields: {
      project: 'projet',
      title: 'titre',
      lines: 'lignes',
      'lines.number': 'numéro de ligne',
      'lines.designation': 'désignation',
      'lines.unit': 'unité',
      'lines.quantity': 'quantité',
      'lines.unitPrice': 'prix unitaire',
    },
  },
}

export const metreWords = {
  sr: {
    fields: {
      project: 'projekat',
      periode: 'period',
      bordereau: 'predmer',
      title: 'naslov',
      measuredOn: 'datum merenja',
      lines: 'merenja',
      'lines.location': 'mesto',
      'lines.count': 'broj komada',
      'lines.length': 'dužina',
      'lines.width': 'širina',
      'lines.height': 'visina',
      'lines.quantity': 'količina',
      'lines.note': 'napomena',
      agreed: 'usaglašeno',
    },
    sentences: {
      'only who made it, or the office, may do this': 'ovo može samo ko je napravio, ili kancelarija',
    },
  },
  fr: {
    fields: {
      project: 'projet',
      periode: 'période',
      bordereau: 'bordereau',
      title: 'titre',
      measuredOn: 'mesuré le',
      lines: 'mesures',
      'lines.location': 'emplacement',
      'lines.count': 'nombre',
      'lines.length': 'longueur',
      'lines.width': 'largeur',
      'lines.height': 'hauteur',
      'lines.quantity': 'quantité',
      'lines.note': 'note',
      agreed: 'convenu',
    },
    sentences: {
      'only who made it, or the office, may do this': 'seuls son auteur et le bureau peuvent le faire',
    },
  },
}

export const decomptWords = {
  sr: {
    fields: {
      project: 'projekat',
      periode: 'period',
      bordereau: 'predmer',
      number: 'broj',
      date: 'datum',
      lines: 'stavke',
      'lines.quantity': 'količina',
      'lines.unitPrice': 'jedinična cena',
      retentionPercent: 'zadržani procenat',
      vatPercent: 'PDV',
      alreadyPaid: 'već plaćeno',
      state: 'stanje',
    },
  },
  fr: {
    fields: {
      project: 'projet',
      periode: 'période',
      bordereau: 'bordereau',
      number: 'numéro',
      date: 'date',
      lines: 'lignes',
      'lines.quantity': 'quantité',
      'lines.unitPrice': 'prix unitaire',
      retentionPercent: 'retenue de garantie',
      vatPercent: 'TVA',
      alreadyPaid: 'déjà payé',
      state: 'état',
    },
  },
}
