import { interimJudge } from './judge/index.ts'
import type { Judge } from './judgement.ts'

/** The judge that every command, golden and law uses. */
export const judge: Judge = interimJudge
