import { eachItem, type Ask, type Named } from '../ask.ts'
import { grid, gridOf } from '../grid.ts'
import { layerNorm } from '../layer-norm.ts'
import { linear } from '../linear.ts'
import { sum } from '../numbers/ball.ts'

/**
 * logits = head(Σₙ LN(X)[n] / N), the norm and the head's bias optional          STViT §4.1.
 * X [.., N, C], `head.weight` [k, C]; norm [.., N, C], pooled [.., C], logits [.., k].
 */
export function classifier(ask: Ask): Named {
  return eachItem(ask, (item) => {
    const X = item.input('X')
    const [N, C] = X.shape
    const normed = item.hasParam('norm.weight')
    const tokens = normed ? layerNorm(item, 'norm', X, item.number('eps', 1e-6)) : X
    const pooled = grid([C], (c) => sum(N, (n) => tokens.at(n, c)).dividedBy(item.constant(N)))
    const { values } = linear(item, 'head', gridOf([1, C], pooled.values))
    const logits = gridOf([values.length], values)
    return new Map(Object.entries(normed ? { norm: tokens, pooled, logits } : { pooled, logits }))
  })
}
