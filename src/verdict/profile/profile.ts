import { z } from 'zod'

/** A number format that tensors are rounded to: on the way into a product, by every operation, or out of the runtime. */
export type Format = 'float32' | 'tf32' | 'bf16' | 'fp16'

/**
 * What a legal runtime may do: the accuracies of its operations, the rewrites it may use, and the formats it rounds to.
 * A verdict is relative to one. An ULP is one unit in the last place of the float32 result: at most 2⁻²³ of its
 * magnitude. `profileSchema` says what each field means.
 */
export interface Profile {
  readonly schema: 'touchstone.profile/1'
  readonly name: string
  readonly about: string
  readonly rounding: 'nearest' | 'either-neighbour'
  readonly flushSubnormals: boolean
  readonly functions: {
    readonly exp: { readonly ulp: number; readonly ulpPerUnit: number }
    readonly log: { readonly ulp: number; readonly nearOne: number }
    readonly divide: { readonly ulp: number }
    readonly inverseSqrt: { readonly ulp: number }
    readonly erf: { readonly absolute: number }
  }
  readonly rewrites: {
    readonly onePassLayerNorm: boolean
    readonly foldedLayerNorm: boolean
    readonly unshiftedSoftmax: boolean
    readonly logSumExpSoftmax: boolean
    readonly onlineRescales: number
    readonly foldedScale: boolean
    readonly stepwise: boolean
  }
  readonly formats: { readonly productInputs: Format; readonly results: Format; readonly outputs: Format }
}

const formats = z.enum(['float32', 'tf32', 'bf16', 'fp16'])

const ulps = z.number().min(0).max(1e6)

/** The published schema of a profile file, version 1; `touchstone profile --schema` prints it as JSON Schema. */
export const profileSchema: z.ZodType<Profile> = z.strictObject({
  schema: z.literal('touchstone.profile/1'),
  name: z.string().min(1).max(80).describe('printed with every verdict'),
  about: z.string().max(400).default('').describe('one sentence'),
  rounding: z
    .enum(['nearest', 'either-neighbour'])
    .describe('of + − × and of storing: to the nearest float32, or to either of its neighbours'),
  flushSubnormals: z.boolean().describe('whether a subnormal operand or result may be taken as zero'),
  functions: z
    .strictObject({
      exp: z
        .strictObject({ ulp: ulps, ulpPerUnit: ulps })
        .describe('exp(x) is within ulp + ulpPerUnit·|x| ULP'),
      log: z
        .strictObject({ ulp: ulps, nearOne: z.number().min(0).max(1) })
        .describe('log(x) is within ulp ULP, on [½, 2] within nearOne absolutely if that is more'),
      divide: z.strictObject({ ulp: ulps }).describe('x/y is within ulp ULP'),
      inverseSqrt: z.strictObject({ ulp: ulps }).describe('1/√x in one operation is within ulp ULP'),
      erf: z
        .strictObject({ absolute: z.number().min(0).max(1) })
        .describe('erf(x) is within `absolute` of its value'),
    })
    .describe('largest errors of the functions'),
  rewrites: z
    .strictObject({
      onePassLayerNorm: z.boolean().describe('variance as E[x²] − μ²'),
      foldedLayerNorm: z.boolean().describe('x·(r·g) + (bias − μ·r·g) in place of (x − μ)·r·g + bias'),
      unshiftedSoftmax: z.boolean().describe('softmax without taking off the maximum, while |logits| ≤ 64'),
      logSumExpSoftmax: z
        .boolean()
        .default(false)
        .describe('softmax as exp(x − log Σ exp x), which loses digits where logits are large'),
      onlineRescales: z
        .int()
        .min(0)
        .max(4096)
        .describe('how often an online softmax may raise its maximum in a row; 0 forbids it'),
      foldedScale: z.boolean().describe('a scale applied to the factors of a product, or split over both'),
      stepwise: z
        .boolean()
        .default(false)
        .describe(
          'LayerNorm, GELU, softmax and log-softmax written out: what each of their steps gives may be rounded to formats.results as well, sums staying float32',
        ),
    })
    .describe('what may be computed in another way than it is printed'),
  formats: z
    .strictObject({
      productInputs: formats.describe('what both factors of a product are rounded to; sums stay float32'),
      results: formats
        .default('float32')
        .describe(
          'what inputs, params, constants and the result of every operation are rounded to; inside an operation (product, softmax, LayerNorm, GELU, mean) sums and functions stay float32',
        ),
      outputs: formats.describe('what every tensor that the file holds was rounded to'),
    })
    .describe('formats narrower than float32'),
})

/** Of each format its unit roundoff, its smallest normal number (`least`), its smallest subnormal one (`step`) and its largest. */
export const formatLimits: Readonly<
  Record<
    Format,
    { readonly unit: number; readonly least: number; readonly step: number; readonly largest: number }
  >
> = {
  float32: { unit: 2 ** -24, least: 2 ** -126, step: 2 ** -149, largest: 3.4028234663852886e38 },
  // eleven significant bits, the exponents of float32
  tf32: { unit: 2 ** -11, least: 2 ** -126, step: 2 ** -136, largest: (2 - 2 ** -10) * 2 ** 127 },
  bf16: { unit: 2 ** -8, least: 2 ** -126, step: 2 ** -133, largest: (2 - 2 ** -7) * 2 ** 127 },
  fp16: { unit: 2 ** -11, least: 2 ** -14, step: 2 ** -24, largest: 65504 },
}
