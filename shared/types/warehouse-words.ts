// What the fields of the warehouse are called, and what their rules say, in Serbian and French;
// in English, where it is not what stands in the declaration.

export const trebovanjeWords = {
  en: {
    fields: {
      manual: 'completed by hand',
      zaduznice: 'tasks',
      'zaduznice.cancelled': 'task cancelled',
    },
  },
  sr: {
    titles: { '{} for {}': '{} za {}' },
    fields: {
      number: 'broj',
      warehouse: 'magacin',
      customer: 'kupac',
      priority: 'prioritet',
      due: 'rok',
      note: 'napomena',
      items: 'stavke',
      'items.required': 'potrebna količina',
      'items.name': 'naziv stavke',
      'items.unit': 'jedinica',
      'items.place': 'mesto',
      scans: 'skeniranja',
      manual: 'završeno ručno',
      shortages: 'manjkovi',
      zaduznice: 'zaduženja',
      'zaduznice.worker': 'magacioner',
      'zaduznice.cancelled': 'otkazano zaduženje',
      cancelled: 'otkazano',
      closedAt: 'završeno',
    },
    sentences: {
      'it is closed: ask the shift lead to open it again':
        'zatvoreno je: zamolite vođu smene da ga ponovo otvori',
      'only the shift lead gives work to others': 'posao drugima daje samo vođa smene',
      'take it for yourself, or ask the shift lead': 'uzmite za sebe ili se obratite vođi smene',
      'only the shift lead opens it again': 'ponovo otvara samo vođa smene',
    },
  },
  fr: {
    titles: { '{} for {}': '{} pour {}' },
    fields: {
      number: 'numéro',
      warehouse: 'entrepôt',
      customer: 'client',
      priority: 'priorité',
      due: 'échéance',
      note: 'note',
      items: 'articles',
      'items.required': 'quantité demandée',
      'items.name': 'nom de l’article',
      'items.unit': 'unité',
      'items.place': 'emplacement',
      scans: 'scans',
      manual: 'fait à la main',
      shortages: 'manques',
      zaduznice: 'tâches',
      'zaduznice.worker': 'magasinier',
      'zaduznice.cancelled': 'tâche annulée',
      cancelled: 'annulé',
      closedAt: 'terminé',
    },
    sentences: {
      'it is closed: ask the shift lead to open it again':
        'c’est clos : demandez au chef d’équipe de le rouvrir',
      'only the shift lead gives work to others': 'seul le chef d’équipe confie du travail aux autres',
      'take it for yourself, or ask the shift lead': 'prenez-le pour vous, ou demandez au chef d’équipe',
      'only the shift lead opens it again': 'seul le chef d’équipe le rouvre',
    },
  },
}
