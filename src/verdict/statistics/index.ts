export { statisticsOf, type Statistic } from './statistics.ts'
export { thresholds } from './thresholds.ts'
export type { Errors } from './deviations.ts'
