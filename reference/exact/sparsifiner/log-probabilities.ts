import { grid, type Grid } from '../grid.ts'
import type { Ball } from '../numbers/ball.ts'
import { logSoftmax } from '../softmax.ts'

/** log softmax of each row of logits [B, k]. */
export function logProbabilities(logits: Grid<Ball>): Grid<Ball> {
  const [B, k] = logits.shape
  const rows = Array.from({ length: B }, (_, b) => logSoftmax(logits.values.slice(b * k, (b + 1) * k)))
  return grid([B, k], (b, j) => rows[b][j])
}
