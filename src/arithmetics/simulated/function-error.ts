import { exponentOf, ulpAt } from './formats.ts'

/**
 * How far a function may be off, in ULP of its exact value, all roundings included, and how the error runs along its argument:
 * `smooth` swings once between +E and −E in every binade or period of the argument's reduction, as a polynomial's does;
 * `alternating` turns with the last bit of the argument; `biased` always adds E; `slope` adds E·|x|, as exp(x) = 2^(x·log₂e) does.
 */
type Shape = 'smooth' | 'alternating' | 'biased' | 'slope'

/** `E`, which is `smooth:E`, or shapes joined with `+`: `biased:3+slope:2` is the edge of what WGSL allows exp. */
export type FunctionError = `${number}` | `${Shape}:${string}`

const TERM = /^(?:(smooth|alternating|biased|slope):)?(-?\d+(?:\.\d+)?)$/

export function isFunctionError(text: string): text is FunctionError {
  return text.split('+').every((term) => TERM.test(term)) && (text.includes(':') || !text.includes('+'))
}

/** A rounding takes half a ULP of what was declared. */
const ROUNDING_SHARE = 0.5

/**
 * @param phase where the argument stands in a period of the function, continuous, period 1
 * @returns what is to be added to the exact value before it is rounded; undefined where it is nothing
 */
export function functionError(
  declared: FunctionError,
  phase: (x: number) => number,
): ((x: number, exact: number) => number) | undefined {
  const terms = declared.split('+').map((term): ((x: number) => number) => {
    const [, shape = 'smooth', digits] = TERM.exec(term) ?? []
    const size = Number(digits)
    if (shape === 'slope') return (x) => size * Math.abs(x)
    const ulps = Math.sign(size) * Math.max(0, Math.abs(size) - ROUNDING_SHARE)
    if (shape === 'biased') return () => ulps
    if (shape === 'alternating') return (x) => (isOdd(x) ? ulps : -ulps)
    return (x) => ulps * triangle(phase(x))
  })
  if (terms.every((term) => term(1) === 0 && term(1.25) === 0 && term(1 + 2 ** -23) === 0)) return undefined
  return (x, exact) => {
    if (exact === 0 || !Number.isFinite(exact)) return 0
    let ulps = 0
    for (const term of terms) ulps += term(x)
    return ulps * ulpAt(exact)
  }
}

/** A wave between 1 and −1 in plain arithmetic, which is the same bits in every engine. */
function triangle(phase: number): number {
  return 4 * Math.abs(phase - Math.floor(phase) - 0.5) - 1
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

function isOdd(x: number): boolean {
  float[0] = x
  return (bits[0] & 1) === 1
}

/** Where x stands between two powers of two, as a phase: 0 at one, 1 at the next. */
export function phaseInBinade(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0
  const exponent = exponentOf(x)
  return exponent + Math.abs(x) * 2 ** -exponent - 1
}
