// What the fields of construction are called, and what their rules say, in Serbian and French;
// in English, where it is not what stands in the declaration.

/** What the rules of everything that belongs to a project say. */
export const ofProjects = {
  sr: {
    'only those who work on the project may change this': 'menjaju samo oni koji rade na projektu',
    'only who made it, or the office, may do this': 'ovo može samo ko je napravio, ili kancelarija',
  },
  fr: {
    'only those who work on the project may change this':
      'seuls ceux qui travaillent sur le projet peuvent modifier ceci',
    'only who made it, or the office, may do this': 'seuls son auteur et le bureau peuvent le faire',
  },
}

export const projectWords = {
  sr: {
    fields: {
      number: 'broj',
      objet: 'predmet',
      client: 'naručilac',
      place: 'mesto',
      start: 'početak',
      deadline: 'rok',
      state: 'stanje',
      manager: 'rukovodilac',
      engineers: 'inženjeri',
      currency: 'valuta',
      notes: 'beleške',
    },
    sentences: {
      ...ofProjects.sr,
      'the project is closed: ask its manager to open it again':
        'projekat je zatvoren: zamolite vođu da ga ponovo otvori',
    },
  },
  fr: {
    fields: {
      number: 'numéro',
      objet: 'objet',
      client: 'client',
      place: 'lieu',
      start: 'début',
      deadline: 'délai',
      state: 'état',
      manager: 'responsable',
      engineers: 'ingénieurs',
      currency: 'devise',
      notes: 'notes',
    },
    sentences: {
      ...ofProjects.fr,
      'the project is closed: ask its manager to open it again':
        'le projet est clos : demandez à son chef de le rouvrir',
    },
  },
}

export const periodeWords = {
  sr: {
    titles: { 'Période {} ({} – {})': 'Period {} ({} – {})' },
    fields: { project: 'projekat', number: 'broj', from: 'od', to: 'do', state: 'stanje' },
    sentences: {
      'the période is closed: open it first': 'period je zatvoren: prvo ga otvorite',
      ...ofProjects.sr,
    },
  },
  fr: {
    titles: { 'Période {} ({} – {})': 'Période {} ({} – {})' },
    fields: { project: 'projet', number: 'numéro', from: 'du', to: 'au', state: 'état' },
    sentences: {
      'the période is closed: open it first': 'la période est close : rouvrez-la d’abord',
      ...ofProjects.fr,
    },
  },
}

export const photoWords = {
  sr: {
    titles: { Photo: 'Fotografija' },
    fields: {
      project: 'projekat',
      file: 'datoteka',
      caption: 'opis',
      takenAt: 'vreme snimanja',
      takenBy: 'snimio',
      place: 'mesto',
    },
    sentences: {
      ...ofProjects.sr,
    },
  },
  fr: {
    titles: { Photo: 'Photo' },
    fields: {
      project: 'projet',
      file: 'fichier',
      caption: 'légende',
      takenAt: 'prise le',
      takenBy: 'prise par',
      place: 'lieu',
    },
    sentences: {
      ...ofProjects.fr,
    },
  },
}

export const pvWords = {
  en: { fields: { 'points.body': 'point', 'decisions.body': 'decision' } },
  sr: {
    titles: { 'PV {}': 'PV {}' },
    fields: {
      project: 'projekat',
      title: 'naslov',
      date: 'datum',
      place: 'mesto',
      present: 'prisutni',
      points: 'tačke',
      'points.responsible': 'zadužen',
      'points.due': 'rok',
      'points.done': 'urađeno',
      decisions: 'odluke',
      notes: 'beleške',
      signed: 'potpisano',
    },
    sentences: {
      'the PV is signed: withdraw that first': 'zapisnik je potpisan: prvo povucite potpis',
      ...ofProjects.sr,
    },
  },
  fr: {
    titles: { 'PV {}': 'PV {}' },
    fields: {
      project: 'projet',
      title: 'titre',
      date: 'date',
      place: 'lieu',
      present: 'présents',
      points: 'points',
      'points.responsible': 'responsable',
      'points.due': 'échéance',
      'points.done': 'fait',
      decisions: 'décisions',
      notes: 'notes',
      signed: 'signé',
    },
    sentences: {
      'the PV is signed: withdraw that first': 'le PV est signé : retirez d’abord la signature',
      ...ofProjects.fr,
    },
  },
}

export const attachmentWords = {
  sr: {
    titles: { Attachment: 'Prilog' },
    fields: {
      project: 'projekat',
      title: 'naslov',
      kind: 'vrsta',
      file: 'datoteka',
      periode: 'period',
      lines: 'stavke',
      'lines.quantity': 'količina',
      signedBy: 'potpisao',
      signedOn: 'datum potpisa',
      signatures: 'potpisi',
      'signatures.name': 'ime potpisnika',
      'signatures.mark': 'potpis',
    },
    sentences: {
      'it is signed: withdraw that first': 'potpisano je: prvo povucite potpis',
      'a signature is withdrawn, not changed': 'potpis se povlači, a ne menja',
      ...ofProjects.sr,
    },
  },
  fr: {
    titles: { Attachment: 'Pièce jointe' },
    fields: {
      project: 'projet',
      title: 'titre',
      kind: 'genre',
      file: 'fichier',
      periode: 'période',
      lines: 'lignes',
      'lines.quantity': 'quantité',
      signedBy: 'signé par',
      signedOn: 'signé le',
      signatures: 'signatures',
      'signatures.name': 'nom du signataire',
      'signatures.mark': 'signature',
    },
    sentences: {
      'it is signed: withdraw that first': 'c’est signé : retirez d’abord la signature',
      'a signature is withdrawn, not changed': 'une signature se retire, elle ne se modifie pas',
      ...ofProjects.fr,
    },
  },
}
