// What the fields of the counter are called, and what their rules say, in Serbian and French.

export const estimateWords = {
  sr: {
    fields: {
      number: 'broj',
      customer: 'kupac',
      note: 'napomena',
      lines: 'stavke',
      'lines.name': 'naziv stavke',
      'lines.quantity': 'količina',
      'lines.price': 'cena',
      orderId: 'porudžbina',
      orderNumber: 'broj porudžbine',
    },
    sentences: {
      'it has become an order: change the order instead': 'postala je porudžbina: menjajte porudžbinu',
      'only clerk or office may change this': 'ovo menjaju samo prodavac ili kancelarija',
      'the estimate was deleted: restore it first': 'ponuda je obrisana: prvo je vratite',
      'the estimate has no lines': 'ponuda nema stavki',
      'a price was entered twice: pick one first': 'cena je upisana dvaput: prvo izaberite jednu',
      'there is an order of this id already': 'takva porudžbina već postoji',
    },
  },
  fr: {
    fields: {
      number: 'numéro',
      customer: 'client',
      note: 'note',
      lines: 'lignes',
      'lines.name': 'nom de la ligne',
      'lines.quantity': 'quantité',
      'lines.price': 'prix',
      orderId: 'commande',
      orderNumber: 'numéro de commande',
    },
    sentences: {
      'it has become an order: change the order instead':
        'c’est devenu une commande : changez plutôt la commande',
      'only clerk or office may change this': 'seuls la caisse et le bureau peuvent le changer',
      'the estimate was deleted: restore it first': 'le devis a été supprimé : restaurez-le d’abord',
      'the estimate has no lines': 'le devis n’a pas de lignes',
      'a price was entered twice: pick one first': 'un prix a été saisi deux fois : choisissez d’abord',
      'there is an order of this id already': 'cette commande existe déjà',
    },
  },
}

export const orderWords = {
  sr: {
    fields: {
      number: 'broj',
      customer: 'kupac',
      note: 'napomena',
      lines: 'stavke',
      'lines.name': 'naziv stavke',
      'lines.quantity': 'količina',
      'lines.price': 'cena',
      estimate: 'ponuda',
    },
  },
  fr: {
    fields: {
      number: 'numéro',
      customer: 'client',
      note: 'note',
      lines: 'lignes',
      'lines.name': 'nom de la ligne',
      'lines.quantity': 'quantité',
      'lines.price': 'prix',
      estimate: 'devis',
    },
  },
}
