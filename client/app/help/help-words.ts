import { defineWords } from '../words/define-words.ts'

/** What is the same in every workspace; the work itself is told by each of them. */
export const useHelpWords = defineWords({
  en: {
    help: 'Help',
    work: 'The work',
    marks: 'What the marks mean',
    otherwise: 'When it goes otherwise',
    markSaved: 'nothing',
    savedText: 'Saved: it is on the server’s disk and on everybody’s screen.',
    pendingText: 'Hollow dot: written, and not sent yet. Leave the page open.',
    onDeviceText: 'Half dot: kept on this device, and sent by itself. You may close the page.',
    markTentative: 'you',
    tentativeText: 'Dashed outline: asked for, and not confirmed yet. Somebody else may have been first.',
    markConflict: '2 values',
    conflictMarkText: 'Amber chip: two people wrote here without seeing each other. Open it and pick.',
    refusedMarkText:
      'Red triangle: not accepted. The reason stands beneath, and what you wrote is in the header.',
    peopleText: 'A face: who is here now. A coloured outline with a name: who is in this field.',
    offlineMarkText: 'Off line, and how old what you see is. The header counts what is not sent.',
    awayText: '«Changed while you were away»: what others did to what you had worked at.',
    activityText: 'Activity, in the menu with the three dots: who changed what, and a way back.',
    deletedText: 'Deleted records can be restored, with everything in them.',
    offline: 'There is no connection',
    offlineText:
      'Go on working: read, write, create. All of it is kept on this device and sent when the connection is back; you need not do anything. What is not on this device opens when there is a connection.',
    conflict: 'Two people wrote the same',
    conflictText:
      'Neither value is lost. The chip shows each with its writer and time; pick the right one, and it is settled for everybody. Changes of different fields need no decision.',
    refused: 'Something was refused',
    refusedText:
      'The red button in the header holds it, with the reason. Copy it, try again once the reason is gone, or discard it. The record itself is unharmed.',
    mistake: 'It was a mistake',
    mistakeText:
      'Undo stands in the head of every record (Ctrl-Z). It takes back what you did, never what others wrote since. Older values come back from the activity.',
  },
  sr: {
    help: 'Pomoć',
    work: 'Posao',
    marks: 'Šta znače oznake',
    otherwise: 'Kad ne ide po planu',
    markSaved: 'ništa',
    savedText: 'Sačuvano: na disku je servera i na svim ekranima.',
    pendingText: 'Prazan krug: upisano, još nije poslato. Ostavite stranicu otvorenu.',
    onDeviceText: 'Polovičan krug: sačuvano na ovom uređaju, šalje se samo. Stranicu možete zatvoriti.',
    markTentative: 'vi',
    tentativeText: 'Isprekidan okvir: traženo, još nije potvrđeno. Možda je neko bio brži.',
    markConflict: '2 vrednosti',
    conflictMarkText:
      'Žuta oznaka: dvoje ljudi je ovde pisalo ne videći jedno drugo. Otvorite je i izaberite.',
    refusedMarkText:
      'Crveni trougao: nije prihvaćeno. Razlog stoji ispod, a ono što ste upisali u zaglavlju.',
    peopleText: 'Lice: ko je sada ovde. Okvir u boji s imenom: ko je u ovom polju.',
    offlineMarkText: 'Bez veze, i koliko je staro ono što vidite. Zaglavlje broji neposlato.',
    awayText: '„Promenjeno dok vas nije bilo“: šta su drugi uradili s onim na čemu ste radili.',
    activityText: 'Aktivnost, u meniju s tri tačke: ko je šta promenio, i put nazad.',
    deletedText: 'Obrisano može da se vrati, sa svime što je u njemu.',
    offline: 'Nema veze',
    offlineText:
      'Radite dalje: čitajte, pišite, otvarajte novo. Sve ostaje na ovom uređaju i šalje se kad se veza vrati; ne morate ništa da uradite. Ono čega na uređaju nema otvara se kad bude veze.',
    conflict: 'Dvoje je upisalo isto polje',
    conflictText:
      'Nijedna vrednost nije izgubljena. Oznaka pokazuje svaku, ko ju je upisao i kada; izaberite pravu i rešeno je za sve. Promene različitih polja ne traže odluku.',
    refused: 'Nešto je odbijeno',
    refusedText:
      'Crveno dugme u zaglavlju to čuva, s razlogom. Prepišite, pokušajte ponovo kad razloga više nema, ili odbacite. Sam zapis je neoštećen.',
    mistake: 'Bila je greška',
    mistakeText:
      'Opoziv stoji u zaglavlju svakog zapisa (Ctrl-Z). Vraća ono što ste vi uradili, nikad ono što su drugi u međuvremenu upisali. Starije vrednosti se vraćaju iz aktivnosti.',
  },
  fr: {
    help: 'Aide',
    work: 'Le travail',
    marks: 'Ce que disent les marques',
    otherwise: 'Quand cela se passe autrement',
    markSaved: 'rien',
    savedText: 'Enregistré : sur le disque du serveur et sur tous les écrans.',
    pendingText: 'Point vide : écrit, pas encore envoyé. Laissez la page ouverte.',
    onDeviceText:
      'Point à demi plein : gardé sur cet appareil, envoyé tout seul. Vous pouvez fermer la page.',
    markTentative: 'vous',
    tentativeText: 'Contour en tirets : demandé, pas encore confirmé. Quelqu’un a pu être plus rapide.',
    markConflict: '2 valeurs',
    conflictMarkText: 'Puce ambre : deux personnes ont écrit ici sans se voir. Ouvrez-la et choisissez.',
    refusedMarkText:
      'Triangle rouge : refusé. La raison est dessous, et ce que vous aviez écrit, dans l’en-tête.',
    peopleText: 'Un visage : qui est ici. Un contour de couleur avec un nom : qui est dans ce champ.',
    offlineMarkText:
      'Hors ligne, et de quand date ce que vous voyez. L’en-tête compte ce qui n’est pas envoyé.',
    awayText: '« Modifié pendant votre absence » : ce que d’autres ont fait de ce que vous aviez en main.',
    activityText: 'L’activité, dans le menu aux trois points : qui a changé quoi, et le retour en arrière.',
    deletedText: 'Ce qui est supprimé peut être rétabli, avec tout ce qu’il contient.',
    offline: 'Il n’y a pas de connexion',
    offlineText:
      'Continuez : lire, écrire, créer. Tout est gardé sur cet appareil et envoyé quand la connexion revient, sans rien faire. Ce qui n’est pas sur l’appareil s’ouvre quand il y a une connexion.',
    conflict: 'Deux personnes ont écrit la même chose',
    conflictText:
      'Aucune valeur n’est perdue. La puce montre chacune, son auteur et l’heure ; choisissez la bonne, et c’est réglé pour tous. Des champs différents ne demandent aucune décision.',
    refused: 'Quelque chose a été refusé',
    refusedText:
      'Le bouton rouge de l’en-tête le garde, avec la raison. Copiez, réessayez quand la raison a disparu, ou abandonnez. La fiche elle-même est intacte.',
    mistake: 'C’était une erreur',
    mistakeText:
      'Annuler se trouve en tête de chaque fiche (Ctrl-Z). Il reprend ce que vous avez fait, jamais ce que d’autres ont écrit depuis. Les valeurs plus anciennes reviennent par l’activité.',
  },
})
