import type { Surroundings } from './surroundings.ts'

const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** 72 bits: two tablets that make up names off line for years do not meet. */
export const randomName = ({ random }: Pick<Surroundings, 'random'>): string => {
  let name = ''
  for (let i = 0; i < 14; i++) name += DIGITS[Math.floor(random() * DIGITS.length)]
  return name
}
