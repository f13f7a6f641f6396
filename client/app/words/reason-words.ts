// Why something cannot be written, as the schema's rules say it, in the person's language. What has no words here, as
// a rule of a record type of one's own, is said as its rule says it.

import { useCallback } from 'react'
import { type Language, useLanguage } from './language.ts'
import { useRoleWords } from './role-words.ts'

type Reasons = { readonly [sentence: string]: string }

const reasons: { readonly [L in Exclude<Language, 'en'>]: Reasons } = {
  sr: {
    'was removed: restore it before changing it': 'obrisano je: vratite ga pre izmene',
    'nobody may change this': 'ovo niko ne menja: upisuje se samo',
    'you may not change this as the record stands': 'ovo sada ne smete da menjate',
    'only the person who added this entry may change or remove it': 'menja i briše samo onaj ko je ovo dodao',
    'only those who work on the project may change this': 'menjaju samo oni koji rade na projektu',
    'the project is closed: ask its manager to open it again':
      'projekat je zatvoren: zamolite vođu da ga ponovo otvori',
    'the période is closed: open it first': 'period je zatvoren: prvo ga otvorite',
    'the PV is signed: withdraw that first': 'zapisnik je potpisan: prvo povucite potpis',
    'it is signed: withdraw that first': 'potpisano je: prvo povucite potpis',
    'it was agreed: withdraw that first': 'usaglašeno je: prvo povucite saglasnost',
    'it was issued: make it a draft again first': 'izdato je: prvo ga vratite u nacrt',
    'only the office writes a décompte': 'situaciju piše samo kancelarija',
    'only who made it, or the office, may do this': 'to može samo autor ili kancelarija',
    'it is closed: open it again first': 'zatvoreno je: prvo ga ponovo otvorite',
    'a technician claims for themselves only': 'tehničar preuzima samo za sebe',
    'ask a dispatcher': 'obratite se dispečeru',
    'it is closed: ask the shift lead to open it again':
      'zatvoreno je: zamolite vođu smene da ga ponovo otvori',
    'only the shift lead gives work to others': 'posao drugima daje samo vođa smene',
    'take it for yourself, or ask the shift lead': 'uzmite za sebe ili se obratite vođi smene',
    'only the shift lead opens it again': 'ponovo otvara samo vođa smene',
    'it has become an order: change the order instead': 'postala je porudžbina: menjajte porudžbinu',
    'it is the time of somebody else': 'to je vreme nekog drugog',
    'it is another day: add that one instead': 'to je drugi dan: dodajte njega',
    'the slot is booked: cancel the booking first': 'termin je zakazan: prvo otkažite zakazivanje',
    'there are bookings on it: cancel them first': 'ima zakazivanja: prvo ih otkažite',
    'only you, or an administrator, may change this': 'to menjate samo vi ili administrator',
  },
  fr: {
    'was removed: restore it before changing it': 'c’est supprimé : rétablissez-le avant de le modifier',
    'nobody may change this': 'personne ne modifie ceci : cela s’écrit tout seul',
    'you may not change this as the record stands': 'vous ne pouvez pas modifier ceci en l’état',
    'only the person who added this entry may change or remove it':
      'seule la personne qui l’a ajouté peut le modifier ou le retirer',
    'only those who work on the project may change this':
      'seuls ceux qui travaillent sur le projet peuvent modifier ceci',
    'the project is closed: ask its manager to open it again':
      'le projet est clos : demandez à son chef de le rouvrir',
    'the période is closed: open it first': 'la période est close : rouvrez-la d’abord',
    'the PV is signed: withdraw that first': 'le PV est signé : retirez d’abord la signature',
    'it is signed: withdraw that first': 'c’est signé : retirez d’abord la signature',
    'it was agreed: withdraw that first': 'c’est convenu : retirez d’abord l’accord',
    'it was issued: make it a draft again first': 'il est émis : remettez-le d’abord en brouillon',
    'only the office writes a décompte': 'seul le bureau écrit un décompte',
    'only who made it, or the office, may do this': 'seul son auteur, ou le bureau, peut faire cela',
    'it is closed: open it again first': 'c’est fermé : rouvrez-le d’abord',
    'a technician claims for themselves only': 'un technicien ne prend en charge que pour lui-même',
    'ask a dispatcher': 'adressez-vous à un répartiteur',
    'it is closed: ask the shift lead to open it again':
      'c’est clos : demandez au chef d’équipe de le rouvrir',
    'only the shift lead gives work to others': 'seul le chef d’équipe confie du travail aux autres',
    'take it for yourself, or ask the shift lead': 'prenez-le pour vous, ou demandez au chef d’équipe',
    'only the shift lead opens it again': 'seul le chef d’équipe le rouvre',
    'it has become an order: change the order instead': 'il est devenu une commande : modifiez la commande',
    'it is the time of somebody else': 'c’est le temps de quelqu’un d’autre',
    'it is another day: add that one instead': 'c’est un autre jour : ajoutez celui-là',
    'the slot is booked: cancel the booking first': 'le créneau est réservé : annulez d’abord la réservation',
    'there are bookings on it: cancel them first': 'il y a des réservations : annulez-les d’abord',
    'only you, or an administrator, may change this': 'vous seul, ou un administrateur, pouvez modifier ceci',
  },
}

const onlyRoles: { readonly [L in Language]: (roles: string) => string } = {
  en: roles => `only ${roles} may change this`,
  sr: roles => `menja samo: ${roles}`,
  fr: roles => `modifiable seulement par : ${roles}`,
}
const or: { readonly [L in Language]: string } = { en: ' or ', sr: ' ili ', fr: ' ou ' }

export const useReasonWords = (): ((sentence: string) => string) => {
  const language = useLanguage()
  const roleWord = useRoleWords()
  return useCallback(
    sentence => {
      const roles = /^only (.+) may change this$/.exec(sentence)?.[1]?.split(' or ') ?? []
      if (roles.length > 0 && roles.every(role => roleWord(role) !== role || role === 'office'))
        return onlyRoles[language](roles.map(roleWord).join(or[language]))
      return language === 'en' ? sentence : (reasons[language][sentence] ?? sentence)
    },
    [language, roleWord],
  )
}
