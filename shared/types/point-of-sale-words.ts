// What the fields of the counter are called, and what their rules say, in Serbian and French;
// in English, where it is not what stands in the declaration.

/** What an estimate has, and the order that it becomes. */
const saleFields = {
  sr: {
    number: 'broj',
    customer: 'kupac',
    note: 'napomena',
    lines: 'stavke',
    'lines.name': 'naziv stavke',
    'lines.quantity': 'količina',
    'lines.price': 'cena',
  },
  fr: {
    number: 'numéro',
    customer: 'client',
    note: 'note',
    lines: 'lignes',
    'lines.name': 'nom de la ligne',
    'lines.quantity': 'quantité',
    'lines.price': 'prix',
  },
}

export const estimateWords = {
  en: { fields: { orderId: 'order' } },
  sr: {
    titles: { 'Estimate {}': 'Ponuda {}', 'Estimate {} for {}': 'Ponuda {} za {}' },
    fields: {
      ...saleFields.sr,
      orderId: 'porudžbina',
      orderNumber: 'broj porudžbine',
    },
    sentences: {
      'it has become an order: change the order instead': 'postala je porudžbina: menjajte porudžbinu',
      'the estimate was deleted: restore it first': 'ponuda je obrisana: prvo je vratite',
      'the estimate has no lines': 'ponuda nema stavki',
      'a price was entered twice: pick one first': 'cena je upisana dvaput: prvo izaberite jednu',
      'there is an order of this estimate already': 'po ovoj ponudi već postoji porudžbina',
    },
  },
  fr: {
    titles: { 'Estimate {}': 'Devis {}', 'Estimate {} for {}': 'Devis {} pour {}' },
    fields: {
      ...saleFields.fr,
      orderId: 'commande',
      orderNumber: 'numéro de commande',
    },
    sentences: {
      'it has become an order: change the order instead':
        'c’est devenu une commande : changez plutôt la commande',
      'the estimate was deleted: restore it first': 'le devis a été supprimé : restaurez-le d’abord',
      'the estimate has no lines': 'le devis n’a pas de lignes',
      'a price was entered twice: pick one first': 'un prix a été saisi deux fois : choisissez d’abord',
      'there is an order of this estimate already': 'ce devis a déjà sa commande',
    },
  },
}

export const orderWords = {
  sr: {
    titles: { 'Order {}': 'Porudžbina {}', 'Order {} for {}': 'Porudžbina {} za {}' },
    fields: {
      ...saleFields.sr,
      estimate: 'ponuda',
    },
  },
  fr: {
    titles: { 'Order {}': 'Commande {}', 'Order {} for {}': 'Commande {} pour {}' },
    fields: {
      ...saleFields.fr,
      estimate: 'devis',
    },
  },
}
