import { defineWords } from '../words/define-words.ts'

export const useConstructionHelpWords = defineWords({
  en: {
    lead: 'A project and all that belongs to it: what is to be built (bordereau), what was measured on site (métrés), what is due for it (décomptes), and photos, minutes and files beside them. Site and office write at the same time.',
    take: 'Take a project to the site',
    takeText:
      'A project that is yours comes to the device by itself, with everything in it: «On this device, whole». Off line all of it opens and can be changed.',
    grid: 'Fill a table',
    gridText:
      'Bordereau and métrés are tables as in a spreadsheet: type over a cell, Enter goes down, Tab goes right, Ctrl-Enter adds a line, and columns can be pasted from a spreadsheet. You see the cell that somebody else is in.',
    measure: 'Measure',
    measureText:
      'A métré belongs to a période and measures lines of a bordereau: count × length × width × height, or a quantity read off. What comes to how much of each line stands beneath.',
    photo: 'Take a photo',
    photoText:
      'Photos, then the camera; pictures can be pasted, too, or dropped on the page. Without a connection they wait on the device, marked so, and are sent by themselves.',
    decompte: 'Draw up a décompte',
    decompteText:
      'Choose période and bordereau and press «Draw up from the métrés»: quantities to date times price, less retention, plus VAT, less what was paid. When métrés change afterwards, it says so. Print gives a sheet to sign.',
    pv: 'Keep the minutes',
    pvText:
      'A PV has who was present, points with who is responsible and until when, and decisions. Several can write it during the meeting. Signed, it changes no more.',
    closed: 'The période is closed',
    closedText:
      'The office has closed it, and what you wrote meanwhile on its dates was refused: it lies in the red tray. Ask the office to open it, and press Try again there.',
    price: 'A price has two values',
    priceText:
      'Prices wait for a person: as long as nobody has picked one, the chip stays, and figures use the later.',
  },
  sr: {
    lead: 'Projekat i sve što mu pripada: šta se gradi (predmer), šta je izmereno na gradilištu (merenja), šta se za to potražuje (situacije), a uz to fotografije, zapisnici i dokumenti. Gradilište i kancelarija pišu u isto vreme.',
    take: 'Ponesi projekat na gradilište',
    takeText:
      'Vaš projekat sam dolazi na uređaj, sa svime što je u njemu: „Ceo na ovom uređaju“. Bez veze se sve otvara i menja.',
    grid: 'Popuni tabelu',
    gridText:
      'Predmer i merenja su tabele kao u programu za proračune: kucajte preko ćelije, Enter ide dole, Tab desno, Ctrl-Enter dodaje red, a kolone se mogu nalepiti. Vidite ćeliju u kojoj je neko drugi.',
    measure: 'Izmeri',
    measureText:
      'Merenje pripada periodu i meri stavke predmera: broj × dužina × širina × visina, ili očitana količina. Ispod stoji koliko je čega.',
    photo: 'Snimi fotografiju',
    photoText:
      'Fotografije, pa kamera; slike mogu i da se nalepe ili prevuku na stranicu. Bez veze čekaju na uređaju, s oznakom, i šalju se same.',
    decompte: 'Sastavi situaciju',
    decompteText:
      'Izaberite period i predmer i pritisnite „Sastavi iz merenja“: količine do danas puta cena, manje zadržano, plus PDV, manje plaćeno. Ako se merenja posle promene, to se kaže. Štampa daje list za potpis.',
    pv: 'Vodi zapisnik',
    pvText:
      'Zapisnik ima prisutne, tačke s odgovornim i rokom, i odluke. Više ljudi može da piše tokom sastanka. Potpisan se više ne menja.',
    closed: 'Period je zatvoren',
    closedText:
      'Kancelarija ga je zatvorila, i ono što ste u međuvremenu upisali odbijeno je: stoji u crvenoj fioci. Zamolite da ga otvore, pa tamo pritisnite Pokušaj ponovo.',
    price: 'Cena ima dve vrednosti',
    priceText: 'Cene čekaju čoveka: dok niko ne izabere, oznaka ostaje, a računa se kasnija.',
  },
  fr: {
    lead: 'Un projet et tout ce qui en relève : ce qui est à bâtir (bordereau), ce qui est mesuré (métrés), ce qui est dû (décomptes), et les photos, PV et fichiers. Chantier et bureau écrivent en même temps.',
    take: 'Emporter un projet',
    takeText:
      'Un projet qui est à vous vient sur l’appareil tout seul, avec tout ce qu’il contient. Hors ligne, tout s’ouvre et se modifie.',
    grid: 'Remplir un tableau',
    gridText:
      'Bordereau et métrés sont des tableaux comme dans un tableur : on écrit sur une cellule, Entrée descend, Tab va à droite, Ctrl-Entrée ajoute une ligne, et des colonnes se collent. On voit la cellule où est quelqu’un d’autre.',
    measure: 'Mesurer',
    measureText:
      'Un métré appartient à une période et mesure des lignes du bordereau : nombre × longueur × largeur × hauteur, ou une quantité lue. Le total par ligne est dessous.',
    photo: 'Prendre une photo',
    photoText:
      'Photos, puis l’appareil ; des images peuvent aussi être collées, ou déposées sur la page. Sans connexion elles attendent sur l’appareil, marquées comme telles, et partent toutes seules.',
    decompte: 'Établir un décompte',
    decompteText:
      'Choisissez période et bordereau et pressez « Établir d’après les métrés » : quantités à ce jour fois prix, moins la retenue, plus la TVA, moins le déjà payé. Si des métrés changent ensuite, il le dit. Imprimer donne une feuille à signer.',
    pv: 'Tenir le PV',
    pvText:
      'Un PV dit qui était présent, les points avec responsable et délai, et les décisions. Plusieurs peuvent l’écrire pendant la réunion. Signé, il ne change plus.',
    closed: 'La période est close',
    closedText:
      'Le bureau l’a close, et ce que vous aviez écrit entre-temps a été refusé : c’est dans le bac rouge. Demandez de la rouvrir, puis pressez Réessayer.',
    price: 'Un prix a deux valeurs',
    priceText:
      'Les prix attendent une personne : tant que personne n’a choisi, la puce reste, et les calculs prennent le plus récent.',
  },
})
