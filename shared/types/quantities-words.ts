// What the fields of bills of quantities, measurements and statements are called, and what their rules say, in Serbian and French;
// in English, where it is not what stands in the declaration.

import { ofProjects } from './construction-words.ts'

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
      ...ofProjects.sr,
      'it was agreed: withdraw that first': 'usaglašeno je: prvo povucite saglasnost',
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
      ...ofProjects.fr,
      'it was agreed: withdraw that first': 'c’est convenu : retirez d’abord l’accord',
    },
  },
}

export const decomptWords = {
  en: { fields: { retentionPercent: 'retention', vatPercent: 'VAT' } },
  sr: {
    titles: { 'Décompte {}': 'Situacija {}' },
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
    sentences: {
      'it was issued: make it a draft again first': 'izdato je: prvo ga vratite u nacrt',
      'only the office writes a décompte': 'situaciju piše samo kancelarija',
    },
  },
  fr: {
    titles: { 'Décompte {}': 'Décompte {}' },
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
    sentences: {
      'it was issued: make it a draft again first': 'il est émis : remettez-le d’abord en brouillon',
      'only the office writes a décompte': 'seul le bureau écrit un décompte',
    },
  },
}
