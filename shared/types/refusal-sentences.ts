// Why an edit was refused, in the reader's language: in the words of the record's type, else in those that all types
// have in common, else by the code. The English sentence, which says more, is there for languages that have none.

import { assertWorded, type RecordWords, sentenceIn } from '../record/words.ts'
import { roleIn } from './role-words.ts'

/** Where nothing was refused, nothing. */
export const refusalIn = (
  type: { readonly words: RecordWords },
  language: string,
  problem: { readonly code?: string; readonly sentence: string } | null | undefined,
): string => {
  assertWorded(type)
  if (problem === null || problem === undefined) return ''
  const own = sentenceIn(type, language, problem.sentence) ?? ofRoles(language, problem.sentence)
  const said = own ?? sentenceIn(EVERY_TYPE, language, problem.sentence)
  if (said !== null) return said
  const byCode = Object.hasOwn(tables, language) ? tables[language] : undefined
  const isKnown = problem.code !== undefined && byCode !== undefined && Object.hasOwn(byCode, problem.code)
  return (isKnown ? byCode?.[problem.code ?? ''] : undefined) ?? problem.sentence
}

/** «only clerk or shift_lead may change this»: a rule that is a list of roles. */
const ofRoles = (language: string, sentence: string): string | null => {
  const [, list = ''] = /^only ([\w-]+(?: or [\w-]+)*) may change this$/.exec(sentence) ?? []
  const say = Object.hasOwn(ONLY, language) ? ONLY[language] : undefined
  return list === '' || say === undefined ? null : say(list.split(' or ').map(role => roleIn(language, role)))
}

const ONLY: Readonly<Record<string, (roles: readonly string[]) => string>> = {
  en: roles => `only ${roles.join(' or ')} may change this`,
  sr: roles => `menja samo: ${roles.join(' ili ')}`,
  fr: roles => `modifiable seulement par : ${roles.join(' ou ')}`,
}

/** What is said of records of every type. */
const EVERY_TYPE: { readonly words: RecordWords } = {
  words: {
    sr: {
      sentences: {
        'was removed: restore it before changing it': 'obrisano je: vratite ga pre izmene',
        'nobody may change this': 'ovo niko ne menja: upisuje se samo',
        'you may not change this as the record stands': 'ovo sada ne smete da menjate',
        'only the person who added this entry may change or remove it':
          'menja i briše samo onaj ko je ovo dodao',
      },
    },
    fr: {
      sentences: {
        'was removed: restore it before changing it': 'c’est supprimé : rétablissez-le avant de le modifier',
        'nobody may change this': 'personne ne modifie ceci : cela s’écrit tout seul',
        'you may not change this as the record stands': 'vous ne pouvez pas modifier ceci en l’état',
        'only the person who added this entry may change or remove it':
          'seule la personne qui l’a ajouté peut le modifier ou le retirer',
      },
    },
  },
}

type Table = Readonly<Record<string, string>>

const sr: Table = {
  WRITE_REFUSED: 'ovo nije dozvoljeno',
  BAD_PATH: 'takvo polje ne postoji',
  BAD_VALUE: 'ta vrednost ovde nije moguća',
  BAD_TYPE: 'ta vrednost ovde nije moguća',
  REQUIRED: 'ne može da ostane prazno',
  READ_ONLY_FIELD: 'ovo polje se ne upisuje rukom',
  READ_ONLY: 'ovaj zapis možete samo da čitate',
  NOT_PERMITTED: 'nemate pravo da ovo menjate',
  WRONG_STATE: 'zapis je u stanju u kom se ovo ne može menjati',
  REMOVED: 'obrisano je: prvo ga vratite',
  NOT_HOLDER: 'neko drugi ga je već preuzeo',
  LOG_ENTRY_CHANGED: 'upisano se u dnevniku više ne menja',
  TOO_LARGE: 'preveliko je',
  RECORD_FULL: 'zapis je pun: skratite nešto u njemu ili započnite novi',
  TOO_MANY: 'ima ih previše',
  SCHEMA_OLDER: 'osvežite stranicu: ovaj uređaj ima staru verziju',
  AUTHOR_MISMATCH: 'napisao je neko drugi',
  PURGED: 'zapis je trajno obrisan',
  ACTION_REFUSED: 'zahtev je odbijen',
  TOKEN_MISSING: 'prijavite se',
  TOKEN_INVALID: 'prijavite se ponovo: prijava ovde ne važi',
  TOKEN_EXPIRED: 'prijavite se ponovo: prijava je istekla',
  TOKEN_REVOKED: 'prijavite se ponovo: prijava je povučena',
  TOKEN_OF_ANOTHER: 'prijavite se ponovo: nova prijava je za drugu osobu',
  BAD_VERSION: 'osvežite stranicu: ovaj uređaj ima verziju s kojom server ne radi',
  FORBIDDEN: 'ovo ne smete da vidite',
  READ_ENDED: 'ovo više ne smete da vidite',
  UNAVAILABLE: 'nije na ovom uređaju, a veze nema',
  INTERNAL: 'server ovo trenutno ne može',
  TOO_MANY_CHANNELS: 'zatvorite druge zapise: ovde ih je otvoreno previše; otvara se samo čim bude mesta',
  TOO_MANY_ROOMS: 'zatvorite druge zapise: imate ih otvorenih previše; otvara se samo čim bude mesta',
  STORE_DAMAGED: 'pitajte ko održava server: sačuvani zapis je oštećen, svi drugi rade',
  BLOB_TYPE: 'izaberite drugu datoteku: takva ovde ne može',
}

const fr: Table = {
  WRITE_REFUSED: 'ce n’est pas permis',
  BAD_PATH: 'ce champ n’existe pas',
  BAD_VALUE: 'cette valeur n’est pas possible ici',
  BAD_TYPE: 'cette valeur n’est pas possible ici',
  REQUIRED: 'cela ne peut pas rester vide',
  READ_ONLY_FIELD: 'ce champ ne se remplit pas à la main',
  READ_ONLY: 'vous pouvez seulement lire cette fiche',
  NOT_PERMITTED: 'vous n’avez pas le droit de changer cela',
  WRONG_STATE: 'dans son état, la fiche ne peut pas être changée ainsi',
  REMOVED: 'c’est supprimé : restaurez-le d’abord',
  NOT_HOLDER: 'quelqu’un d’autre l’a déjà pris',
  LOG_ENTRY_CHANGED: 'ce qui est noté au journal ne change plus',
  TOO_LARGE: 'c’est trop grand',
  RECORD_FULL: 'la fiche est pleine : raccourcissez-y quelque chose ou commencez-en une autre',
  TOO_MANY: 'il y en a trop',
  SCHEMA_OLDER: 'rechargez la page : cet appareil a une ancienne version',
  AUTHOR_MISMATCH: 'quelqu’un d’autre l’a écrit',
  PURGED: 'la fiche a été supprimée définitivement',
  ACTION_REFUSED: 'la demande a été refusée',
  TOKEN_MISSING: 'connectez-vous',
  TOKEN_INVALID: 'reconnectez-vous : la connexion n’est pas valable ici',
  TOKEN_EXPIRED: 'reconnectez-vous : la connexion a expiré',
  TOKEN_REVOKED: 'reconnectez-vous : la connexion a été retirée',
  TOKEN_OF_ANOTHER: 'reconnectez-vous : la nouvelle connexion est celle d’une autre personne',
  BAD_VERSION: 'rechargez la page : le serveur ne connaît pas la version de cet appareil',
  FORBIDDEN: 'vous ne pouvez pas voir ceci',
  READ_ENDED: 'vous ne pouvez plus voir ceci',
  UNAVAILABLE: 'ce n’est pas sur cet appareil, et il n’y a pas de connexion',
  INTERNAL: 'le serveur ne le peut pas pour l’instant',
  TOO_MANY_CHANNELS:
    'fermez d’autres fiches : il y en a trop d’ouvertes ici ; celle-ci s’ouvrira dès qu’il y aura de la place',
  TOO_MANY_ROOMS:
    'fermez d’autres fiches : vous en avez trop d’ouvertes ; celle-ci s’ouvrira dès qu’il y aura de la place',
  STORE_DAMAGED:
    'demandez à l’exploitant : la fiche enregistrée est endommagée, toutes les autres fonctionnent',
  BLOB_TYPE: 'choisissez un autre fichier : celui-ci ne convient pas ici',
}

const tables: Readonly<Record<string, Table>> = { sr, fr }
