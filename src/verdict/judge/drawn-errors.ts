import type { FullKinds } from '../../../reference/float32/index.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import type { Exposed } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'
import { map } from '../directions/elements.ts'
import { noisy64 } from '../directions/noisy64.ts'
import { record, type Alter, type Exposures, type Upstream } from '../directions/tape.ts'
import type { Shared } from '../statistics/index.ts'

/** Evaluations with legal noise that errors are compared with. */
const DRAWS = 16
/** Curves that an approximation of erf may follow, of size 1: one waves once or twice a binade. */
const CURVES = [0, 3, 6, 12].flatMap((frequency) =>
  [0, Math.PI / 2].map((phase) => (x: number) => Math.cos(frequency * x + phase)),
)

/** Of a tensor, by path, its errors in some legal runtimes; none where it is a mask. */
export type DrawnErrors = (path: string) => Shared

/**
 * Errors that legal runtimes make together: what all elements share, the rounding of a mean, an approximation of erf,
 * is shared here too, which a variance for every element by itself cannot say. Evaluations in float64, made when the
 * first tensor is asked for.
 * @param paths the tensors that may be asked for: a draw of all there are takes as much memory as the evaluation
 * @param upstream what of the runtime's own is gone on with
 * @param erf how far off the profile allows erf to be
 */
export function drawnErrors(
  question: Question,
  paths: ReadonlySet<string>,
  upstream: Upstream,
  erf: number,
): DrawnErrors {
  let drawn: (Record<keyof Shared, readonly Exposures[]> & { readonly truth: Exposures }) | undefined
  const draw = (): NonNullable<typeof drawn> => {
    const tape = record(question, upstream)
    const replay = (alter: Alter): Exposures =>
      new Map([...tape.replay(alter)].filter(([path]) => paths.has(path)))
    const squares = new Map<number, Tensor>()
    const noise = Array.from({ length: DRAWS }, (_, i) => replay(noisy64(i + 1, squares)))
    const curves = tape.calls.some(({ step }) => step === 'gelu')
      ? CURVES.map((curve) => replay(bent((x) => erf * curve(x))))
      : []
    return { truth: tape.exposed, noise, curves }
  }
  return (path) => {
    drawn ??= draw()
    const v = valuesOf(drawn.truth.get(path))
    const errorsIn = (exposures: Exposures): Float64Array[] => {
      const x = valuesOf(exposures.get(path))
      return v === undefined || x?.length !== v.length ? [] : [x.map((value, i) => value - v[i])]
    }
    return { noise: drawn.noise.flatMap(errorsIn), curves: drawn.curves.flatMap(errorsIn) }
  }
}

/** GELU with an erf that is off along a curve of |x|, the same in every call. */
function bent(curve: (x: number) => number): Alter {
  return ({ step }, usual) =>
    step === 'gelu'
      ? {
          ...usual,
          gelu: (x) => {
            const z = (i: number): number => Math.abs(x.data[i])
            return map(usual.gelu(x), (y, i) => y + 0.5 * z(i) * curve(z(i)))
          },
        }
      : undefined
}

function valuesOf(exposed: Exposed<FullKinds> | undefined): Float64Array | undefined {
  if (exposed === undefined || exposed.kind === 'mask') return undefined
  const { data } = exposed.kind === 'dense' ? exposed.x : exposed.x.values
  return Float64Array.from(data)
}
