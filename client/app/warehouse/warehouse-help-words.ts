import { defineWords } from '../words/define-words.ts'

export const useWarehouseHelpWords = defineWords({
  en: {
    lead: 'The warehouse picks what trebovanja ask for: the shift lead writes and assigns them, magacioneri scan, the wall shows how far everybody is. Progress is never typed in; it follows from the scans.',
    pick: 'Pick a task',
    pickText:
      'Open Picking: your tasks stand there, the most urgent first. Open one and scan; the scanner needs no field to be touched. «2*» before a code counts two. With the camera button the tablet reads codes itself.',
    item: 'Without a scanner, or not enough',
    itemText:
      'Touch an item: complete it by hand, give a quantity, take a scan back, or report a shortage with its reason. The shift lead is told of shortages at once.',
    complete: 'Complete the document',
    completeText:
      'The last button of a task. If items are not finished it says how many, and asks once more. From then on the trebovanje is done everywhere.',
    write: 'Write a trebovanje',
    writeText:
      'New trebovanje opens an empty one: number, customer, when it is due, and items by code. Every field is saved as you type.',
    assign: 'Give work to somebody',
    assignText:
      'On the Scheduler carry a card to a worker and a day: by mouse, by a finger after a short press, or with the space bar and the arrows. A tap, or Enter, opens the same as a list. Back to «waiting» takes it away; what was scanned stays.',
    wall: 'The wall',
    wallText:
      'TV fills a screen for all to see, without a header: who has how much done, pieces an hour, what waits, what is late. Nobody needs to touch it.',
    lost: 'Somebody else assigned it a moment earlier',
    lostText:
      'One assignee stays: the first that the server confirmed. You are told who has it; carry the card again if it should be otherwise.',
    dead: 'A dead spot between the racks',
    deadText:
      'Scan on. The tablet took its tasks along before («All tasks are on this device») and sends the scans by itself. Two tablets that scan one item both count; one scan sent twice counts once.',
    code: 'The code is not on the list',
    codeText:
      'Nothing was counted. Look whether the right task is open; a code of another trebovanje belongs there.',
  },
  sr: {
    lead: 'Magacin sprema ono što traže trebovanja: vođa smene ih piše i dodeljuje, magacioneri skeniraju, a tabla na zidu pokazuje dokle je ko stigao. Napredak se ne upisuje; sledi iz skeniranja.',
    pick: 'Spremi zadatak',
    pickText:
      'Otvorite Prikupljanje: tu su vaši zadaci, najhitniji prvi. Otvorite jedan i skenirajte; skeneru ne treba dodir polja. „2*“ ispred šifre broji dva. Dugmetom za kameru tablet sam čita šifre.',
    item: 'Bez skenera, ili nema dovoljno',
    itemText:
      'Dodirnite stavku: završite je ručno, unesite količinu, vratite skeniranje ili prijavite manjak s razlogom. Vođa smene odmah saznaje za manjak.',
    complete: 'Završi dokument',
    completeText:
      'Poslednje dugme zadatka. Ako stavke nisu gotove, kaže koliko ih je i pita još jednom. Od tada je trebovanje svuda završeno.',
    write: 'Napiši trebovanje',
    writeText:
      'Novo trebovanje otvara prazno: broj, kupac, rok i stavke po šifri. Svako polje se čuva dok kucate.',
    assign: 'Dodeli posao',
    assignText:
      'U delu Raspored prenesite karticu na radnika i dan: mišem, prstom posle kratkog pritiska, ili razmaknicom i strelicama. Dodir, ili Enter, otvara isto kao listu. Povratak među one koji čekaju oduzima zadatak; skenirano ostaje.',
    wall: 'Tabla na zidu',
    wallText:
      'TV ispunjava ekran za sve, bez zaglavlja: ko je koliko uradio, komada na sat, šta čeka, šta kasni. Niko ne mora da je dira.',
    lost: 'Neko ga je dodelio trenutak ranije',
    lostText:
      'Ostaje jedan radnik: prvi kog je server potvrdio. Javlja vam se ko ga ima; prenesite karticu ponovo ako treba drugačije.',
    dead: 'Nema signala među regalima',
    deadText:
      'Skenirajte dalje. Tablet je zadatke poneo unapred („Svi zadaci su na ovom uređaju“) i skeniranja šalje sam. Dva tableta koja skeniraju istu stavku broje se oba; jedno skeniranje poslato dvaput broji se jednom.',
    code: 'Šifra nije na listi',
    codeText:
      'Ništa nije ubrojano. Proverite da li je otvoren pravi zadatak; šifra drugog trebovanja pripada tamo.',
  },
  fr: {
    lead: 'L’entrepôt prépare ce que demandent les trebovanja : le chef d’équipe les écrit et les attribue, les magaciniers scannent, et l’écran au mur montre où en est chacun. L’avancement ne se saisit pas ; il découle des scans.',
    pick: 'Préparer une tâche',
    pickText:
      'Ouvrez Préparation : vos tâches y sont, la plus urgente d’abord. Ouvrez-en une et scannez ; le lecteur n’a besoin d’aucun champ. « 2* » devant un code compte deux. Avec le bouton de l’appareil photo, la tablette lit elle-même les codes.',
    item: 'Sans lecteur, ou pas assez',
    itemText:
      'Touchez un article : terminez-le à la main, donnez une quantité, reprenez un scan, ou signalez un manque avec sa raison. Le chef d’équipe l’apprend aussitôt.',
    complete: 'Terminer le document',
    completeText:
      'Le dernier bouton d’une tâche. S’il reste des articles, il dit combien et demande encore une fois. Dès lors le trebovanje est terminé partout.',
    write: 'Écrire un trebovanje',
    writeText:
      'Nouveau trebovanje en ouvre un vide : numéro, client, échéance, articles par code. Chaque champ est enregistré pendant la frappe.',
    assign: 'Donner du travail',
    assignText:
      'Au planning, portez une carte vers une personne et un jour : à la souris, au doigt après un appui bref, ou avec la barre d’espace et les flèches. Un toucher, ou Entrée, ouvre la même chose en liste. La remettre en attente la retire ; ce qui est scanné reste.',
    wall: 'L’écran au mur',
    wallText:
      'TV remplit un écran pour tous, sans en-tête : qui a fait combien, pièces par heure, ce qui attend, ce qui est en retard. Personne n’a besoin d’y toucher.',
    lost: 'Quelqu’un l’a attribué un instant plus tôt',
    lostText:
      'Une seule personne le garde : la première que le serveur a confirmée. On vous dit qui ; portez la carte à nouveau s’il le faut.',
    dead: 'Pas de réseau entre les rayons',
    deadText:
      'Continuez à scanner. La tablette a emporté ses tâches (« Toutes les tâches sont sur cet appareil ») et envoie les scans toute seule. Deux tablettes qui scannent un article comptent toutes deux ; un scan envoyé deux fois compte une fois.',
    code: 'Le code n’est pas sur la liste',
    codeText:
      'Rien n’a été compté. Voyez si la bonne tâche est ouverte ; le code d’un autre trebovanje lui appartient.',
  },
})
