import { defineWords } from '../words/define-words.ts'

export const useSalesHelpWords = defineWords({
  en: {
    lead: 'The counter writes estimates, and an estimate that the customer takes becomes an order. Every till shows the same, at once.',
    write: 'Write an estimate',
    writeText:
      'New estimate, the customer’s name, then a line for each article with quantity and price. The total adds itself up, and all is saved as you type.',
    convert: 'Make it an order',
    convertText:
      'Convert to order: the estimate leaves the open ones, and the order stands in Orders with the same lines, on every till in one step.',
    order: 'Orders without an estimate',
    orderText:
      'New order does it. Lines, customer and note can be changed later; the office can delete an order.',
    today: 'Today',
    todayText: 'What stands open, what was sold today and in the last days. The figures follow every change.',
    number: 'The number says «provisional»',
    numberText:
      'Numbers are given by the server, one after the other. Written off line, a document gets its number with the connection; nothing else of it waits.',
    twice: 'Converted twice',
    twiceText:
      'There is one order, whoever pressed and however often, off line too. The second one is shown the order that is there.',
    late: 'An estimate was changed while it was converted',
    lateText:
      'The order has the lines that the server saw when it converted. What arrives later is refused and kept in the red tray of whoever wrote it: write it into the order. A price that two people entered has to be decided first.',
  },
  sr: {
    lead: 'Na pultu se pišu ponude, a ponuda koju kupac prihvati postaje porudžbina. Svaka kasa pokazuje isto, odmah.',
    write: 'Napišite ponudu',
    writeText:
      'Nova ponuda, ime kupca, pa stavka za svaki artikal s količinom i cenom. Zbir se računa sam, a sve se čuva dok kucate.',
    convert: 'Pretvorite je u porudžbinu',
    convertText:
      'U porudžbinu: ponuda odlazi iz otvorenih, a porudžbina s istim stavkama stoji u Porudžbinama, na svim kasama u jednom koraku.',
    order: 'Porudžbine bez ponude',
    orderText:
      'Za to je Nova porudžbina. Stavke, kupac i napomena mogu da se menjaju kasnije; porudžbinu briše kancelarija.',
    today: 'Danas',
    todayText: 'Šta je otvoreno, šta je prodato danas i prethodnih dana. Brojke prate svaku promenu.',
    number: 'Broj je „privremen“',
    numberText:
      'Brojeve daje server, redom. Ono što je napisano bez veze dobija broj kad se veza vrati; ništa drugo ne čeka.',
    twice: 'Pretvoreno dvaput',
    twiceText:
      'Porudžbina je jedna, ko god pritisnuo i koliko god puta, i bez veze. Drugome se pokaže ona koja već postoji.',
    late: 'Ponuda je menjana dok se pretvarala',
    lateText:
      'Porudžbina ima stavke koje je server video kad ju je pretvarao. Što stigne kasnije biva odbijeno i ostaje u crvenoj fioci onoga ko je pisao: upišite to u porudžbinu. O ceni koju je upisalo dvoje mora prvo da se odluči.',
  },
  fr: {
    lead: 'Le comptoir écrit des devis, et un devis que le client accepte devient une commande. Chaque caisse montre la même chose, aussitôt.',
    write: 'Écrire un devis',
    writeText:
      'Nouveau devis, le nom du client, puis une ligne par article avec quantité et prix. Le total se fait tout seul, et tout s’enregistre à la frappe.',
    convert: 'En faire une commande',
    convertText:
      'Convertir en commande : le devis quitte les ouverts, et la commande est dans Commandes avec les mêmes lignes, sur toutes les caisses d’un seul coup.',
    order: 'Une commande sans devis',
    orderText:
      'Nouvelle commande suffit. Lignes, client et remarque peuvent changer plus tard ; le bureau peut supprimer une commande.',
    today: 'Aujourd’hui',
    todayText:
      'Ce qui est ouvert, ce qui a été vendu aujourd’hui et ces derniers jours. Les chiffres suivent chaque changement.',
    number: 'Le numéro est « provisoire »',
    numberText:
      'Les numéros sont donnés par le serveur, l’un après l’autre. Écrit hors ligne, un document reçoit le sien avec la connexion ; rien d’autre n’attend.',
    twice: 'Converti deux fois',
    twiceText:
      'Il y a une seule commande, qui que ce soit qui ait appuyé et combien de fois, hors ligne aussi. Le second voit la commande qui existe.',
    late: 'Un devis a changé pendant sa conversion',
    lateText:
      'La commande a les lignes que le serveur a vues en convertissant. Ce qui arrive après est refusé et gardé dans le bac rouge de son auteur : écrivez-le dans la commande. Un prix saisi par deux personnes doit d’abord être tranché.',
  },
})
