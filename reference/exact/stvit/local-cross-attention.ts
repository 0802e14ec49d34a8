import { eachItem, stackedByName, type Ask, type Named } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import { layer } from '../layer.ts'
import type { Ball } from '../numbers/ball.ts'

/** What is one tensor also where key windows differ in size. */
const AFTER_ATTENTION = ['S_hat', 'norm2', 'fc1', 'gelu', 'fc2', 'S']

/**
 * Ŝ_i = MHA(P_i, X_i, X_i) + P_i,  S_i = FFN(Ŝ_i) + Ŝ_i for window i of H/w·W/w          STViT §3.2.
 * X [.., H, W, C], P [.., Nw, s, C]; keys X_i [.., Nw, wk·wk, C]; S_hat, S [.., Nw, s, C].
 * The contract decides: X_i are the places of the wk × wk window whose first is at i·w − ⌊(wk − w)/2⌋ in rows and
 * columns; `clamped` moves it into the map, `centred` leaves out what lies outside.
 */
export function localCrossAttention(ask: Ask): Named {
  const w = ask.number('w')
  const centred = ask.choice('key_windows', 'clamped') === 'centred'
  return eachItem(ask, (item) => {
    const [X, P] = [item.input('X'), item.input('P')]
    const [H, W, C] = X.shape
    const [Nw, s] = P.shape
    const answers: Named[] = []
    for (let i = 0; i < Nw; i++) {
      const rows = keyPlaces(ask, Math.floor(i / (W / w)), H)
      const columns = keyPlaces(ask, i % (W / w), W)
      const keys = grid([rows.length * columns.length, C], (t, c) =>
        X.at(rows[Math.floor(t / columns.length)], columns[t % columns.length], c),
      )
      const queries = grid([s, C], (n, c) => P.at(i, n, c))
      const steps = layer(item, { queries, keys, residual: queries }, ['S_hat', 'S'])
      answers.push(new Map<string, Grid<Ball> | Grid<boolean>>([['keys', keys], ...steps]))
    }
    const names = [...answers[0].keys()].filter((name) => !centred || AFTER_ATTENTION.includes(name))
    return new Map(names.map((name) => [name, stackedByName([Nw], answers, name)]))
  })
}

/** The places along one axis that window `i` sees. */
function keyPlaces(ask: Ask, i: number, extent: number): number[] {
  const [w, wk] = [ask.number('w'), ask.number('wk')]
  let start = i * w - Math.floor((wk - w) / 2)
  if (ask.choice('key_windows', 'clamped') === 'clamped') {
    if (start < 0) start = 0
    if (start > extent - wk) start = extent - wk
  }
  const places: number[] = []
  for (let place = start; place < start + wk; place++) if (place >= 0 && place < extent) places.push(place)
  return places
}
