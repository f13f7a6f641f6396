// What the roles of the five systems are called; a role of one's own is called by its name.

export const roleIn = (language: string, role: string): string => {
  const words = Object.hasOwn(tables, language) ? tables[language] : undefined
  return (words !== undefined && Object.hasOwn(words, role) ? words[role] : undefined) ?? role
}

const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    magacioner: 'warehouse worker',
    shift_lead: 'shift lead',
    manager: 'manager',
    wall: 'wall display',
    engineer: 'engineer on site',
    office: 'office',
    project_manager: 'project manager',
    dispatcher: 'dispatcher',
    technician: 'technician',
    clerk: 'clerk',
    therapist: 'therapist',
    operator: 'operator',
    admin: 'administrator',
  },
  sr: {
    magacioner: 'magacioner',
    shift_lead: 'vođa smene',
    manager: 'menadžer',
    wall: 'tabla na zidu',
    engineer: 'inženjer na gradilištu',
    office: 'kancelarija',
    project_manager: 'vođa projekta',
    dispatcher: 'dispečer',
    technician: 'tehničar',
    clerk: 'prodavac',
    therapist: 'terapeut',
    operator: 'operater',
    admin: 'administrator',
  },
  fr: {
    magacioner: 'magasinier',
    shift_lead: 'chef d’équipe',
    manager: 'responsable',
    wall: 'écran mural',
    engineer: 'ingénieur de chantier',
    office: 'bureau',
    project_manager: 'chef de projet',
    dispatcher: 'répartiteur',
    technician: 'technicien',
    clerk: 'vendeur',
    therapist: 'thérapeute',
    operator: 'opérateur',
    admin: 'administrateur',
  },
}
