export { blame, type Blame, type Directions } from './blame.ts'
export type { Known } from './field.ts'
