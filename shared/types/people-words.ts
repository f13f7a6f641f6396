// What the fields of people are called, and what their rules say, in Serbian and French.

export const userWords = {
  sr: {
    fields: { name: 'ime', email: 'e-adresa', phone: 'telefon', roles: 'uloge', active: 'aktivan' },
    sentences: { 'only you, or an administrator, may change this': 'ovo menjate samo vi ili administrator' },
  },
  fr: {
    fields: { name: 'nom', email: 'e-mail', phone: 'téléphone', roles: 'rôles', active: 'actif' },
    sentences: {
      'only you, or an administrator, may change this': 'seuls vous et un administrateur pouvez le changer',
    },
  },
}
