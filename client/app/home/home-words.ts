import { defineWords } from '../words/define-words.ts'

export const useHomeWords = defineWords({
  en: {
    lead: 'Every record here is live: several people edit it at once, on line and off, and nothing they write is lost.',
    labLead:
      'See it in a minute: an office, a tablet and a wall display share one record. Take one off line, let two people edit the same thing, and watch what merges and why.',
    labOpen: 'Open the lab',
    workspaces: 'Five workspaces',
    goInAs: (name: string, role: string) => `As ${name}, ${role}`,
    secondWindow:
      'Open a second window as somebody else to see both sides: choose the person at the top right. «Live» beside it takes a window off line.',
    tickets: 'Field service: dispatchers and technicians share tickets, also where there is no reception.',
    sales: 'Counter and office: estimates become exactly one order, whoever presses and however often.',
    warehouse: 'Picking: a scan is on the wall board before the box is closed.',
    construction: 'Site and office: a day of measurements made off line reaches the office by itself.',
    scheduling: 'Therapists and operator: nobody books a slot twice.',
  },
  sr: {
    lead: 'Svaki zapis je živ: više ljudi ga menja istovremeno, na mreži i van nje, i ništa što napišu ne propada.',
    labLead:
      'Vidite za minut: kancelarija, tablet i tabla na zidu dele jedan zapis. Isključite jednom mrežu, neka dvoje menja isto, i gledajte šta se spaja i zašto.',
    labOpen: 'Otvori laboratoriju',
    workspaces: 'Pet radnih prostora',
    goInAs: (name: string, role: string) => `Kao ${name}, ${role}`,
    secondWindow:
      'Otvorite drugi prozor kao neko drugi da vidite obe strane: osoba se bira gore desno. «Uživo» pored nje isključuje mrežu jednom prozoru.',
    tickets: 'Terenski servis: dispečeri i tehničari dele naloge, i tamo gde nema signala.',
    sales: 'Pult i kancelarija: od ponude nastaje tačno jedna porudžbina, ma ko i koliko puta pritisnuo.',
    warehouse: 'Prikupljanje: skeniranje je na tabli pre nego što se kutija zatvori.',
    construction: 'Gradilište i kancelarija: dan merenja van mreže sam stiže u kancelariju.',
    scheduling: 'Terapeuti i operater: niko ne zakaže isti termin dvaput.',
  },
  fr: {
    lead: 'Ici chaque enregistrement est vivant : plusieurs personnes le modifient en même temps, en ligne et hors ligne, et rien de ce qu’elles écrivent ne se perd.',
    labLead:
      'À voir en une minute : un bureau, une tablette et un écran mural partagent un enregistrement. Coupez-en un du réseau, laissez deux personnes modifier la même chose, et regardez ce qui fusionne et pourquoi.',
    labOpen: 'Ouvrir le labo',
    workspaces: 'Cinq espaces de travail',
    goInAs: (name: string, role: string) => `En tant que ${name}, ${role}`,
    secondWindow:
      'Ouvrez une deuxième fenêtre en tant que quelqu’un d’autre pour voir les deux côtés : la personne se choisit en haut à droite. « En direct », à côté, met une fenêtre hors ligne.',
    tickets: 'Interventions : répartiteurs et techniciens partagent les tickets, même sans réseau.',
    sales: 'Comptoir et bureau : un devis devient exactement une commande, qui que ce soit qui appuie.',
    warehouse: 'Préparation : un article scanné est au mur avant que le carton soit fermé.',
    construction: 'Chantier et bureau : une journée de métrés hors ligne arrive au bureau d’elle-même.',
    scheduling: 'Thérapeutes et opérateur : personne ne réserve deux fois le même créneau.',
  },
})
