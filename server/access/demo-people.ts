/**
 * The people of the demo, two or more of each system, so that one visitor can be both sides of a story. Their
 * tokens are minted by the demo server for whoever asks; nowhere else.
 */
export interface DemoPerson {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  /** Those of the lab see its records, and no others. */
  readonly system: 'warehouse' | 'construction' | 'ticketing' | 'sales' | 'scheduling' | 'lab'
}

export const demoPeople: readonly DemoPerson[] = [
  { id: 'marko', name: 'Marko Petrović', roles: ['magacioner'], system: 'warehouse' },
  { id: 'jelena', name: 'Jelena Ilić', roles: ['magacioner'], system: 'warehouse' },
  { id: 'dragan', name: 'Dragan Kovač', roles: ['shift_lead'], system: 'warehouse' },
  { id: 'vesna', name: 'Vesna Jović', roles: ['manager'], system: 'warehouse' },
  { id: 'wall', name: 'TV on the wall', roles: ['wall'], system: 'warehouse' },
  { id: 'claire', name: 'Claire Dubois', roles: ['engineer'], system: 'construction' },
  { id: 'hugo', name: 'Hugo Martin', roles: ['office'], system: 'construction' },
  { id: 'sophie', name: 'Sophie Laurent', roles: ['project_manager'], system: 'construction' },
  { id: 'dana', name: 'Dana Novak', roles: ['dispatcher'], system: 'ticketing' },
  { id: 'tomas', name: 'Tomáš Horák', roles: ['technician'], system: 'ticketing' },
  { id: 'lea', name: 'Lea Meyer', roles: ['technician'], system: 'ticketing' },
  { id: 'mira', name: 'Mira Savić', roles: ['manager'], system: 'ticketing' },
  { id: 'nina', name: 'Nina Rossi', roles: ['clerk'], system: 'sales' },
  { id: 'paul', name: 'Paul Weber', roles: ['office'], system: 'sales' },
  { id: 'ana', name: 'Ana Anić', roles: ['therapist'], system: 'scheduling' },
  { id: 'ivan', name: 'Ivan Babić', roles: ['therapist'], system: 'scheduling' },
  { id: 'olga', name: 'Olga Marić', roles: ['operator'], system: 'scheduling' },
  { id: 'lab-office', name: 'Office', roles: ['lab_desk'], system: 'lab' },
  { id: 'lab-tablet', name: 'Tablet', roles: ['lab_hand'], system: 'lab' },
  { id: 'lab-wall', name: 'Wall display', roles: ['lab_wall'], system: 'lab' },
]
