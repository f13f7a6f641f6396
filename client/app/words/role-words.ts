import { defineWords } from './define-words.ts'

const useWords = defineWords({
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
})

export const useRoleWords = (): ((role: string) => string) => {
  const words: { readonly [role: string]: string } = useWords()
  return role => words[role] ?? role
}
