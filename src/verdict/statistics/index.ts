export { lowChiSquare } from './chi-square.ts'
export { statisticsOf, type Statistic } from './statistics.ts'
export { thresholds } from './thresholds.ts'
export type { Errors, Shared } from './deviations.ts'
