import { defineWords } from '../words/define-words.ts'

export const useSchedulingHelpWords = defineWords({
  en: {
    lead: 'Therapists say when they are free, the operator books clients on it. All see the same day at the same moment.',
    open: 'Open a day',
    openText:
      'Under Availability, Open: choose from when to when and how long a visit is, and the slots are made. Add single ones later, and put a note on each.',
    book: 'Book a client',
    bookText:
      'Touch a free slot on the operator’s day, write name and telephone, Book. Whoever else has the slot open is shown to you before.',
    next: 'The next free one',
    nextText:
      'The button above the day names the next free slot of all who are shown, over the coming days too, and opens it.',
    cancel: 'Cancel, or give another time',
    cancelText:
      'Touch the booking. Move gives it another slot, of the same therapist or another: the old one is free and the new one taken at once, or nothing changes. Correct puts the number or the note right. Cancel frees the slot for everybody. A booked slot is not deleted; cancel first.',
    lost: 'The slot was taken a moment earlier',
    lostText:
      'Of two who book one slot the first keeps it. The other is told by whom, and offered the next free one: one press books it for the same client.',
    offline: 'Booking without a connection',
    offlineText:
      'It stands with a dashed outline until the server has confirmed it. Tell the client it is provisional.',
  },
  sr: {
    lead: 'Terapeuti kažu kada su slobodni, operater na to zakazuje klijente. Svi vide isti dan u istom trenutku.',
    open: 'Otvori dan',
    openText:
      'U delu Raspoloživost, Otvori: izaberite od kada do kada i koliko traje poseta, i termini nastaju. Pojedine dodajte kasnije, i svakom stavite belešku.',
    book: 'Zakaži klijenta',
    bookText:
      'Dodirnite slobodan termin u danu operatera, upišite ime i telefon, Zakaži. Ko još ima otvoren taj termin vidite pre toga.',
    next: 'Sledeći slobodan',
    nextText:
      'Dugme iznad dana imenuje sledeći slobodan termin prikazanih, i u narednim danima, i otvara ga.',
    cancel: 'Otkaži ili promeni',
    cancelText:
      'Dodirnite zakazano. Premesti daje drugi termin, kod istog terapeuta ili drugog: stari se oslobađa i novi zauzima odjednom, ili se ništa ne menja. Ispravi menja broj ili napomenu. Otkaži oslobađa termin za sve. Zakazan termin se ne briše; prvo otkažite.',
    lost: 'Termin je zauzet trenutak ranije',
    lostText:
      'Od dvoje koji zakažu isti termin prvi ga zadržava. Drugom se javlja ko ga ima i nudi sledeći slobodan: jedan pritisak ga zakazuje za istog klijenta.',
    offline: 'Zakazivanje bez veze',
    offlineText: 'Stoji s isprekidanim okvirom dok server ne potvrdi. Recite klijentu da je privremeno.',
  },
  fr: {
    lead: 'Les thérapeutes disent quand ils sont libres, l’opérateur y inscrit les clients. Tous voient le même jour au même moment.',
    open: 'Ouvrir un jour',
    openText:
      'Sous Disponibilités, Ouvrir : choisissez les heures et la durée d’une visite, et les créneaux se font. Ajoutez-en plus tard, chacun avec une note si besoin.',
    book: 'Inscrire un client',
    bookText:
      'Touchez un créneau libre, écrivez nom et téléphone, Réserver. Si quelqu’un d’autre a ce créneau ouvert, on vous le montre avant.',
    next: 'Le prochain libre',
    nextText:
      'Le bouton au-dessus du jour nomme le prochain créneau libre de ceux qui sont montrés, les jours suivants aussi, et l’ouvre.',
    cancel: 'Annuler, ou changer',
    cancelText:
      'Touchez la réservation. Déplacer lui donne un autre créneau, du même thérapeute ou d’un autre : l’ancien se libère et le nouveau est pris d’un coup, ou rien ne change. Corriger rectifie le numéro ou la note. Annuler libère le créneau pour tous. Un créneau réservé ne se supprime pas ; annulez d’abord.',
    lost: 'Le créneau a été pris un instant plus tôt',
    lostText:
      'De deux qui réservent un créneau, le premier le garde. L’autre l’apprend, et se voit offrir le prochain libre : une pression l’inscrit pour le même client.',
    offline: 'Réserver sans connexion',
    offlineText:
      'Cela reste en tirets jusqu’à ce que le serveur l’ait confirmé. Dites au client que c’est provisoire.',
  },
})
