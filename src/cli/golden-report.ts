import type { GoldenResult } from '../goldens/verify.ts'
import { paint } from './terminal.ts'

/** What is said of a verification of goldens: what broke, and the sum. */
export function goldenLines(results: readonly GoldenResult[]): string[] {
  const broken = results.filter(({ verdict }) => verdict === 'fail')
  const furthest = (of: 'float32' | 'float64'): string =>
    Math.max(0, ...results.map((result) => result[of] ?? 0)).toPrecision(2)
  const share = (of: 'float32' | 'float64'): string =>
    Math.max(0, ...results.map(({ shares }) => shares?.[of] ?? 0)).toPrecision(2)
  return [
    ...broken.map(({ golden, reason }) => `${paint.verdict('fail')}  golden ${golden}: ${reason ?? ''}`),
    `${paint.verdict(broken.length > 0 ? 'fail' : 'pass')}  goldens: ${results.length - broken.length} of ${results.length} hold; ` +
      `float32 within ${furthest('float32')} and float64 within ${furthest('float64')} deviations of exact values, each of its own noise`,
    paint.dim(
      `certified on them: float64 truth within ${share('float64')} and the float32 reference within ${share('float32')} of the bound that others are judged by`,
    ),
  ]
}
