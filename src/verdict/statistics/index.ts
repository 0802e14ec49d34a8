export { statisticsOf, type Statistic } from './statistics.ts'
export { errorsOf, thresholds } from './thresholds.ts'
export type { Errors } from './deviations.ts'
