import { judgeUnder } from './judge/index.ts'
import type { Judge } from './judgement.ts'
import { portable } from './profile/shipped.ts'

/** The judge that every command, golden and law uses unless told otherwise: of the profile `portable`. */
export const judge: Judge = judgeUnder(portable)
