// What people are told, in their own language. A notice is written in English where it is made, with what its
// sentence is made of beside it; here stands how others say it. What has no words here is said in English: a notice of
// a record type of one's own, or one from before there were any.

import type { NoticeParams } from '../record/record-type.ts'
import { valueIn } from '../record/words.ts'

/** A line of an inbox, or one entry of it. */
export interface NoticeLine {
  readonly type: string
  readonly kind: string
  /** In English. */
  readonly sentence: string
  readonly params: NoticeParams | null
  readonly count?: number
  /** Of several about one record: what it is called. */
  readonly title?: string
}

export const noticeIn = (language: string, line: NoticeLine): string => {
  const words = table(language)
  const entry = words?.[`${line.type}.${line.kind}`] ?? words?.[line.kind]
  if (entry === undefined) return line.sentence
  const [say, one, few, other] = entry
  if (line.count !== undefined && line.count > 1) {
    const forms: Readonly<Record<string, string>> = { one, few }
    const form = forms[pluralRules(language).select(line.count)] ?? other
    const title = titleOfLineIn(language, line)
    return `${line.count} ${form}${title === '' ? '' : `: ${title}`}`
  }
  const { params } = line
  // What was kept from before there were any has none.
  if (params == null) return line.sentence
  return say(name => {
    const own = paramIn(language, name)
    return valueIn(language, (Object.hasOwn(params, own) ? params[own] : params[name]) ?? '')
  })
}

/** The parameter that holds what the record of a notice is called, in other languages than English. */
export const RECORD = 'record'

/** What a line's record is called; '' of a line about several. */
export const titleOfLineIn = (language: string, { title = '', params }: NoticeLine): string => {
  const own = paramIn(language, RECORD)
  return title === '' || params == null || !Object.hasOwn(params, own) ? title : String(params[own])
}

const paramIn = (language: string, name: string): string => `${name}:${language}`

/** A parameter in English, and beside it in each language that has other words: names of fields, reasons. */
export const inEachLanguage = (name: string, say: (language: string) => string): NoticeParams => {
  const english = say('en')
  const others = Object.keys(tables)
    .map(language => [paramIn(language, name), say(language)] as const)
    .filter(([, said]) => said !== english)
  return { [name]: english, ...Object.fromEntries(others) }
}

type Param = (name: string) => string
type Said = readonly [say: (p: Param) => string, one: string, few: string, other: string]
type Table = Readonly<Record<string, Said>>

const rules = new Map<string, Intl.PluralRules>()
const pluralRules = (language: string): Intl.PluralRules => {
  const known = rules.get(language) ?? new Intl.PluralRules(language)
  rules.set(language, known)
  return known
}

const table = (language: string): Table | undefined =>
  Object.hasOwn(tables, language) ? tables[language] : undefined

const srStatus: Readonly<Record<string, string>> = {
  open: 'otvoren',
  in_progress: 'u radu',
  waiting: 'čeka',
  done: 'gotov',
  closed: 'zatvoren',
}
const frStatus: Readonly<Record<string, string>> = {
  open: 'ouvert',
  in_progress: 'en cours',
  waiting: 'en attente',
  done: 'terminé',
  closed: 'fermé',
}

const then = (words: string, more: string): string => (more === '' ? words : `${words}. ${more}`)

const sr: Table = {
  'ticket.assigned': [
    p => `«${p('title')}» je sada vaš`,
    'nalog je sada vaš',
    'naloga su sada vaša',
    'naloga je sada vaših',
  ],
  'ticket.urgent': [p => `«${p('title')}» je hitno`, 'hitan nalog', 'hitna naloga', 'hitnih naloga'],
  'ticket.ticket_created': [p => `Novi nalog: «${p('title')}»`, 'novi nalog', 'nova naloga', 'novih naloga'],
  'ticket.ticket_deleted': [
    p => `«${p('title')}» je obrisan`,
    'obrisan nalog',
    'obrisana naloga',
    'obrisanih naloga',
  ],
  'ticket.ticket_restored': [
    p => `«${p('title')}» je opet tu: vraćen je`,
    'vraćen nalog',
    'vraćena naloga',
    'vraćenih naloga',
  ],
  'ticket.status_changed': [
    p => `«${p('title')}»: ${srStatus[p('from')] ?? p('from')} → ${srStatus[p('to')] ?? p('to')}`,
    'promena statusa',
    'promene statusa',
    'promena statusa',
  ],
  'ticket.ticket_claimed': [
    p => `«${p('title')}» je preuzet`,
    'preuzet nalog',
    'preuzeta naloga',
    'preuzetih naloga',
  ],
  'ticket.mention': [
    p => `Pomenuti ste kod «${p('title')}»: ${p('text')}`,
    'put ste pomenuti',
    'puta ste pomenuti',
    'puta ste pomenuti',
  ],
  'ticket.comment_added': [
    p => `Novi komentar kod «${p('title')}»: ${p('text')}`,
    'novi komentar',
    'nova komentara',
    'novih komentara',
  ],
  'ticket.time_logged': [
    p => `Upisano je vreme kod «${p('title')}»`,
    'upis vremena',
    'upisa vremena',
    'upisa vremena',
  ],
  'site.site_added': [
    p => `Nova lokacija: ${p('title')}`,
    'nova lokacija',
    'nove lokacije',
    'novih lokacija',
  ],
  'shipment.shipment_arrived': [
    p => `Delovi za vaš nalog su stigli${p('carrier') === '' ? '' : ` (${p('carrier')})`}`,
    'pošiljka je stigla',
    'pošiljke su stigle',
    'pošiljki je stiglo',
  ],
  'inventory.stock_below_zero': [
    p => `${p('title')}: uzeto je više nego što je bilo. Prebrojte zalihu`,
    'deo ispod nule',
    'dela ispod nule',
    'delova ispod nule',
  ],
  'inventory.stock_low': [
    p => `${p('title')}: ostalo je ${p('left')}, manje od minimuma ${p('minimum')}`,
    'deo ponestaje',
    'dela ponestaju',
    'delova ponestaje',
  ],
  'trebovanje.assigned': [
    p => `${p('title')} je vaše za izdavanje`,
    'dokument za izdavanje',
    'dokumenta za izdavanje',
    'dokumenata za izdavanje',
  ],
  'trebovanje.task_taken_away': [
    p => `${p('title')} više nije vaše; što ste skenirali ostaje`,
    'dokument više nije vaš',
    'dokumenta više nisu vaša',
    'dokumenata više nije vaših',
  ],
  'trebovanje.shortage': [p => `${p('title')}: nedostaje ${p('item')}`, 'manjak', 'manjka', 'manjkova'],
  'trebovanje.picked_off_list': [
    p =>
      `${p('title')}: ${p('item')} više nije na spisku, a uzeto je već ${p('quantity')}. To treba vratiti na mesto`,
    'uzeta stavka više nije na spisku',
    'uzete stavke više nisu na spisku',
    'uzetih stavki više nije na spisku',
  ],
  'trebovanje.document_complete': [
    p => `${p('title')} je završeno: ${p('completed')} od ${p('total')} stavki`,
    'završen dokument',
    'završena dokumenta',
    'završenih dokumenata',
  ],
  'trebovanje.cancelled': [
    p => `${p('title')} je otkazano: prestanite sa izdavanjem`,
    'otkazan dokument',
    'otkazana dokumenta',
    'otkazanih dokumenata',
  ],
  'project.assigned': [
    p => `Sada radite na «${p('title')}»`,
    'novi projekat',
    'nova projekta',
    'novih projekata',
  ],
  'decompt.decompte_issued': [
    p => `Situacija ${p('number')} je izdata`,
    'izdata situacija',
    'izdate situacije',
    'izdatih situacija',
  ],
  'estimate.converted': [
    p => `Ponuda ${p('number')} je postala porudžbina ${p('order')}`,
    'ponuda je postala porudžbina',
    'ponude su postale porudžbine',
    'ponuda je postalo porudžbina',
  ],
  'availability.booked': [
    p => `${p('client')}: ${p('when')}`,
    'novo zakazivanje',
    'nova zakazivanja',
    'novih zakazivanja',
  ],
  'availability.booking_cancelled': [
    p => `${p('client')} ne dolazi: ${p('when')}`,
    'otkazano zakazivanje',
    'otkazana zakazivanja',
    'otkazanih zakazivanja',
  ],
  watching: [
    p => `«${p('title')}» je promenjeno: ${p('fields')}`,
    'promena onoga što pratite',
    'promene onoga što pratite',
    'promena onoga što pratite',
  ],
  claim_lost: [
    p =>
      then(
        p('why') === 'released'
          ? `«${p('title')}»: ${p('name')} je odustao (${p('field')}); zatražite ponovo ako i dalje želite`
          : `«${p('title')}»: ${p('name')} je bio prvi, vaše se ne računa (${p('field')})`,
        p('advice'),
      ),
    'vaša promena nije prošla',
    'vaše promene nisu prošle',
    'vaših promena nije prošlo',
  ],
  edit_lost: [
    p =>
      then(
        p('why') === 'too many'
          ? `«${p('title')}»: previše različitog za ${p('field')}; vaše${p('mine')} ostaje samo u istoriji`
          : `«${p('title')}»: vaše ${p('field')}${p('mine')} je ustupilo onome što je upisao ${p('name')}${p('theirs')}. Oba ostaju na zapisu`,
        p('advice'),
      ),
    'vaša promena nije prošla',
    'vaše promene nisu prošle',
    'vaših promena nije prošlo',
  ],
  edit_refused: [
    p => `«${p('title')}»: vaša promena je odbijena: ${p('reason')}`,
    'vaša promena je odbijena',
    'vaše promene su odbijene',
    'vaših promena je odbijeno',
  ],
  action_refused: [
    p => `«${p('title')}»: ${p('reason')}`,
    'zahtev je odbijen',
    'zahteva su odbijena',
    'zahteva je odbijeno',
  ],
  went_on: [
    p =>
      `«${p('title')}»: obrisano je (${p('remover')}), a na njemu se, ne znajući za to, radilo i dalje (${p('name')}). Napisano se vraća kad se zapis vrati`,
    'obrisan zapis na kom se radilo i dalje',
    'obrisana zapisa na kojima se radilo i dalje',
    'obrisanih zapisa na kojima se radilo i dalje',
  ],
}

const fr: Table = {
  'ticket.assigned': [
    p => `« ${p('title')} » est à vous`,
    'ticket à vous',
    'tickets à vous',
    'tickets à vous',
  ],
  'ticket.urgent': [
    p => `« ${p('title')} » est urgent`,
    'ticket urgent',
    'tickets urgents',
    'tickets urgents',
  ],
  'ticket.ticket_created': [
    p => `Nouveau ticket : « ${p('title')} »`,
    'nouveau ticket',
    'nouveaux tickets',
    'nouveaux tickets',
  ],
  'ticket.ticket_deleted': [
    p => `« ${p('title')} » a été supprimé`,
    'ticket supprimé',
    'tickets supprimés',
    'tickets supprimés',
  ],
  'ticket.ticket_restored': [
    p => `« ${p('title')} » est de retour : il a été restauré`,
    'ticket restauré',
    'tickets restaurés',
    'tickets restaurés',
  ],
  'ticket.status_changed': [
    p => `« ${p('title')} » : ${frStatus[p('from')] ?? p('from')} → ${frStatus[p('to')] ?? p('to')}`,
    'changement d’état',
    'changements d’état',
    'changements d’état',
  ],
  'ticket.ticket_claimed': [
    p => `« ${p('title')} » a été pris`,
    'ticket pris',
    'tickets pris',
    'tickets pris',
  ],
  'ticket.mention': [
    p => `On vous mentionne sur « ${p('title')} » : ${p('text')}`,
    'mention de vous',
    'mentions de vous',
    'mentions de vous',
  ],
  'ticket.comment_added': [
    p => `Nouveau commentaire sur « ${p('title')} » : ${p('text')}`,
    'nouveau commentaire',
    'nouveaux commentaires',
    'nouveaux commentaires',
  ],
  'ticket.time_logged': [
    p => `Du temps a été noté sur « ${p('title')} »`,
    'temps noté',
    'temps notés',
    'temps notés',
  ],
  'site.site_added': [
    p => `Nouveau site : ${p('title')}`,
    'nouveau site',
    'nouveaux sites',
    'nouveaux sites',
  ],
  'shipment.shipment_arrived': [
    p => `Les pièces de votre ticket sont arrivées${p('carrier') === '' ? '' : ` avec ${p('carrier')}`}`,
    'envoi arrivé',
    'envois arrivés',
    'envois arrivés',
  ],
  'inventory.stock_below_zero': [
    p => `${p('title')} : on en a pris plus qu’il n’y en avait. Recomptez le stock`,
    'pièce en dessous de zéro',
    'pièces en dessous de zéro',
    'pièces en dessous de zéro',
  ],
  'inventory.stock_low': [
    p => `${p('title')} : il en reste ${p('left')}, sous le minimum de ${p('minimum')}`,
    'pièce bientôt épuisée',
    'pièces bientôt épuisées',
    'pièces bientôt épuisées',
  ],
  'trebovanje.assigned': [
    p => `${p('title')} est à vous à préparer`,
    'document à préparer',
    'documents à préparer',
    'documents à préparer',
  ],
  'trebovanje.task_taken_away': [
    p => `${p('title')} n’est plus à vous ; ce que vous avez scanné reste`,
    'document qui n’est plus à vous',
    'documents qui ne sont plus à vous',
    'documents qui ne sont plus à vous',
  ],
  'trebovanje.shortage': [p => `${p('title')} : il manque ${p('item')}`, 'manque', 'manques', 'manques'],
  'trebovanje.picked_off_list': [
    p =>
      `${p('title')} : ${p('item')} n’est plus sur la liste, et ${p('quantity')} en ont été pris : à remettre en place`,
    'article pris qui n’est plus sur la liste',
    'articles pris qui ne sont plus sur la liste',
    'articles pris qui ne sont plus sur la liste',
  ],
  'trebovanje.document_complete': [
    p => `${p('title')} est complet : ${p('completed')} articles sur ${p('total')}`,
    'document complet',
    'documents complets',
    'documents complets',
  ],
  'trebovanje.cancelled': [
    p => `${p('title')} est annulé : arrêtez de le préparer`,
    'document annulé',
    'documents annulés',
    'documents annulés',
  ],
  'project.assigned': [
    p => `Vous travaillez maintenant sur « ${p('title')} »`,
    'nouveau projet',
    'nouveaux projets',
    'nouveaux projets',
  ],
  'decompt.decompte_issued': [
    p => `Le décompte ${p('number')} a été émis`,
    'décompte émis',
    'décomptes émis',
    'décomptes émis',
  ],
  'estimate.converted': [
    p => `Le devis ${p('number')} est devenu la commande ${p('order')}`,
    'devis devenu commande',
    'devis devenus commandes',
    'devis devenus commandes',
  ],
  'availability.booked': [
    p => `${p('client')} : ${p('when')}`,
    'nouvelle réservation',
    'nouvelles réservations',
    'nouvelles réservations',
  ],
  'availability.booking_cancelled': [
    p => `${p('client')} ne vient plus : ${p('when')}`,
    'réservation annulée',
    'réservations annulées',
    'réservations annulées',
  ],
  watching: [
    p => `« ${p('title')} » a changé : ${p('fields')}`,
    'changement de ce que vous suivez',
    'changements de ce que vous suivez',
    'changements de ce que vous suivez',
  ],
  claim_lost: [
    p =>
      then(
        p('why') === 'released'
          ? `« ${p('title')} » : ${p('name')} l’a laissé (${p('field')}) ; redemandez-le si vous le voulez encore`
          : `« ${p('title')} » : ${p('name')} était là avant, le vôtre ne compte pas (${p('field')})`,
        p('advice'),
      ),
    'de vos changements n’a pas prévalu',
    'de vos changements n’ont pas prévalu',
    'de vos changements n’ont pas prévalu',
  ],
  edit_lost: [
    p =>
      then(
        p('why') === 'too many'
          ? `« ${p('title')} » : trop de valeurs différentes pour ${p('field')} ; la vôtre${p('mine')} n’est gardée que dans l’historique`
          : `« ${p('title')} » : votre ${p('field')}${p('mine')} a cédé à ce que ${p('name')} a écrit${p('theirs')}. Les deux restent sur la fiche`,
        p('advice'),
      ),
    'de vos changements n’a pas prévalu',
    'de vos changements n’ont pas prévalu',
    'de vos changements n’ont pas prévalu',
  ],
  edit_refused: [
    p => `« ${p('title')} » : votre changement a été refusé : ${p('reason')}`,
    'de vos changements a été refusé',
    'de vos changements ont été refusés',
    'de vos changements ont été refusés',
  ],
  action_refused: [
    p => `« ${p('title')} » : ${p('reason')}`,
    'demande refusée',
    'demandes refusées',
    'demandes refusées',
  ],
  went_on: [
    p =>
      `« ${p('title')} » : ${p('name')} a continué d’y travailler, sans savoir que ${p('remover')} l’avait supprimé. Ce qui a été écrit revient si on le rétablit`,
    'enregistrement supprimé sur lequel on a continué',
    'enregistrements supprimés sur lesquels on a continué',
    'enregistrements supprimés sur lesquels on a continué',
  ],
}

const tables: Readonly<Record<string, Table>> = { sr, fr }
