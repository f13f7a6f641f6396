import { defineWords } from '../words/define-words.ts'

export const useTicketHelpWords = defineWords({
  en: {
    lead: 'Tickets are the work at customers’ sites: dispatchers write and assign them, technicians claim and finish them, managers see the day as a whole. What one does is at once on everybody’s screen.',
    claim: 'Claim a ticket',
    claimText:
      'Open it and press Claim. Until the server has confirmed it, your name has a dashed outline. Release gives it back to the others.',
    onSite: 'At the customer’s',
    onSiteText:
      'Check in when you arrive, and check out when you leave. Write down your time with a word on what was done, and add photos; off line, too. A picture can be pasted, and files dropped on the page. Start and Done move the status.',
    comment: 'Talk about it',
    commentText:
      'Comments stand in the ticket. Type @ and a name to call somebody: the bell rings for them. You can mend or delete your own.',
    dispatch: 'Write and assign',
    dispatchText:
      'New ticket opens an empty one: title, priority, site, when it is due, and who is to go. Every field is saved as you type; there is no save button.',
    filters: 'Find your tickets',
    filtersText:
      'The chips above the list show what is open, yours, unassigned, urgent or late. Set type, technician and words, and keep the combination under a name with the bookmark.',
    parts: 'Parts and shipments',
    partsText:
      'Take parts from the stock in Inventory, for a ticket if you give its number. A shipment that arrives tells the technician of its ticket.',
    bell: 'What reaches you',
    bellText:
      'The bell collects what happened; four new tickets are one line that opens into four. What you have read stays read on all your devices. Choose the kinds under Notifications.',
    wall: 'The day on the wall',
    wallText: 'Daily operations counts it all, live. «On the wall» fills a screen with it.',
    claimLost: 'Two claimed one ticket',
    claimLostText:
      'The claim that the server confirmed first counts; off line does not matter, arriving first does. The other is told who has it, and nothing else of theirs is lost.',
    takeRefused: 'The stock did not suffice',
    takeRefusedText:
      'The server decides who gets the last piece, and says how many are left. Ask for fewer, or enter the delivery first.',
    deleted: 'A ticket was deleted while you worked at it',
    deletedText: 'Your changes are kept with it. Restore brings back both; if you may not, ask a dispatcher.',
  },
  sr: {
    lead: 'Nalozi su posao kod kupaca: dispečeri ih pišu i dodeljuju, tehničari preuzimaju i završavaju, rukovodioci vide ceo dan. Što jedan uradi, odmah je na svim ekranima.',
    claim: 'Preuzmi nalog',
    claimText:
      'Otvorite ga i pritisnite Preuzmi. Dok server ne potvrdi, oko imena je isprekidan okvir. Vrati ga daje drugima.',
    onSite: 'Kod kupca',
    onSiteText:
      'Prijavite se kad stignete, odjavite kad odlazite. Upišite vreme i šta je urađeno, dodajte fotografije; i bez veze. Slika može da se nalepi, a fajlovi da se prevuku na stranicu. Počni i Gotovo menjaju status.',
    comment: 'Dogovor',
    commentText:
      'Komentari stoje u nalogu. Ukucajte @ i ime da nekoga pozovete: zvoni mu zvono. Svoje možete da ispravite ili obrišete.',
    dispatch: 'Pisanje i dodela',
    dispatchText:
      'Novi nalog otvara prazan: naslov, prioritet, lokacija, rok i ko ide. Svako polje se čuva dok kucate; dugmeta za čuvanje nema.',
    filters: 'Kako naći svoje',
    filtersText:
      'Dugmad iznad spiska pokazuju otvorene, svoje, nedodeljene, hitne ili zakasnele. Dodajte vrstu, tehničara i reči, i sačuvajte to pod imenom.',
    parts: 'Delovi i pošiljke',
    partsText:
      'Delovi se uzimaju sa stanja pod Zalihe, za nalog ako upišete njegov broj. Kad pošiljka stigne, to sazna tehničar njenog naloga.',
    bell: 'Šta stiže do vas',
    bellText:
      'Zvono skuplja šta se desilo; četiri nova naloga su jedan red koji se otvara u četiri. Pročitano ostaje pročitano na svim vašim uređajima. Vrste birate pod Obaveštenja.',
    wall: 'Dan na zidu',
    wallText: 'Dnevni pregled sve broji, uživo. „Na zid“ njime puni ceo ekran.',
    claimLost: 'Dvoje je preuzelo isti nalog',
    claimLostText:
      'Važi preuzimanje koje je server prvo potvrdio; nije važno ko je bio bez veze, nego ko je pre stigao. Drugi sazna ko ga ima, i ništa njegovo nije izgubljeno.',
    takeRefused: 'Na stanju nije bilo dovoljno',
    takeRefusedText:
      'Server odlučuje ko dobija poslednji komad i kaže koliko je ostalo. Tražite manje, ili prvo upišite prijem.',
    deleted: 'Nalog je obrisan dok ste na njemu radili',
    deletedText: 'Vaše izmene su sačuvane uz njega. Vraćanje donosi oboje; ako ne smete, pitajte dispečera.',
  },
  fr: {
    lead: 'Les tickets sont le travail chez les clients : les répartiteurs les écrivent et les attribuent, les techniciens les prennent et les terminent, les responsables voient la journée entière. Ce que fait l’un est aussitôt sur tous les écrans.',
    claim: 'Prendre un ticket',
    claimText:
      'Ouvrez-le et appuyez sur Prendre. Tant que le serveur n’a pas confirmé, un contour en tirets entoure votre nom. Rendre le remet aux autres.',
    onSite: 'Chez le client',
    onSiteText:
      'Signalez votre arrivée et votre départ. Saisissez votre temps avec un mot sur ce qui a été fait, ajoutez des photos ; hors ligne aussi. Une image peut être collée, et des fichiers déposés sur la page. Commencer et Terminé font avancer l’état.',
    comment: 'En parler',
    commentText:
      'Les commentaires sont dans le ticket. Tapez @ et un nom pour appeler quelqu’un : sa cloche sonne. Vous pouvez corriger ou supprimer les vôtres.',
    dispatch: 'Écrire et attribuer',
    dispatchText:
      'Nouveau ticket en ouvre un vide : titre, priorité, site, échéance, et qui s’y rend. Chaque champ s’enregistre à la frappe ; il n’y a pas de bouton pour cela.',
    filters: 'Trouver les siens',
    filtersText:
      'Les puces au-dessus de la liste montrent les ouverts, les vôtres, les non attribués, les urgents ou en retard. Ajoutez type, technicien et mots, et gardez l’ensemble sous un nom.',
    parts: 'Pièces et envois',
    partsText:
      'Prenez les pièces dans le stock, pour un ticket si vous donnez son numéro. Un envoi qui arrive prévient le technicien de son ticket.',
    bell: 'Ce qui vous parvient',
    bellText:
      'La cloche rassemble ce qui s’est passé ; quatre nouveaux tickets font une ligne qui s’ouvre en quatre. Ce que vous avez lu reste lu sur tous vos appareils. Choisissez sous Notifications.',
    wall: 'La journée au mur',
    wallText: 'Les opérations du jour comptent tout, en direct. « Au mur » en remplit un écran.',
    claimLost: 'Deux personnes ont pris le même ticket',
    claimLostText:
      'La prise que le serveur a confirmée en premier compte ; peu importe qui était hors ligne. L’autre apprend qui l’a, et rien d’autre de son travail n’est perdu.',
    takeRefused: 'Le stock ne suffisait pas',
    takeRefusedText:
      'Le serveur décide qui reçoit la dernière pièce, et dit combien il en reste. Demandez-en moins, ou saisissez d’abord la livraison.',
    deleted: 'Un ticket a été supprimé pendant que vous y travailliez',
    deletedText:
      'Vos modifications sont gardées avec lui. Rétablir ramène le tout ; si vous ne le pouvez pas, demandez à un répartiteur.',
  },
})
