export { blame, type Blame, type BlameRequest, type DirectionFinding, type Directions } from './blame.ts'
export type { Known } from './field.ts'
