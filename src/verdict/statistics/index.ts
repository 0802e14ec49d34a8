export type { Errors, Kind } from './deviations.ts'
export { statisticsOf, type Statistic, type StatisticName } from './statistics.ts'
export { thresholds, type Thresholds } from './thresholds.ts'
