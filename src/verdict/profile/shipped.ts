import type { Profile } from './profile.ts'

/**
 * The default: round to nearest, functions as accurate as WGSL's table demands, any order of summing, fused or not,
 * subnormals kept or flushed, and the usual rewrites. WGSL has no erf; 2⁻²¹ is a declared allowance for its polynomial, and the
 * roundings around it come on top (`bounded/elementwise.ts`): Abramowitz–Stegun 7.1.26 in float32 needs both.
 */
export const portable: Profile = {
  schema: 'touchstone.profile/1',
  name: 'portable',
  about: 'round to nearest, functions at WGSL’s accuracies, any order, fused or not',
  rounding: 'nearest',
  flushSubnormals: true,
  functions: {
    exp: { ulp: 3, ulpPerUnit: 2 },
    log: { ulp: 3, nearOne: 2 ** -21 },
    divide: { ulp: 2.5 },
    inverseSqrt: { ulp: 2 },
    erf: { absolute: 2 ** -21 },
  },
  rewrites: {
    onePassLayerNorm: true,
    foldedLayerNorm: true,
    unshiftedSoftmax: true,
    logSumExpSoftmax: false,
    onlineRescales: 12,
    foldedScale: true,
    stepwise: false,
  },
  formats: { productInputs: 'float32', results: 'float32', outputs: 'float32' },
}

/** The letter of WGSL: + − × may give either neighbour. */
const wgsl: Profile = {
  ...portable,
  name: 'wgsl',
  about: 'the letter of WGSL: sums and products may be rounded to either neighbour',
  rounding: 'either-neighbour',
}

/** A CPU runtime with a good mathematical library. */
const strict: Profile = {
  ...portable,
  name: 'strict',
  about: 'round to nearest, functions within 2 ULP and erf within 4: a CPU runtime with a good library',
  functions: {
    exp: { ulp: 2, ulpPerUnit: 0 },
    log: { ulp: 2, nearOne: 0 },
    divide: { ulp: 0.5 },
    inverseSqrt: { ulp: 2 },
    // the ULP of an erf in [½, 1) is 2⁻²⁴
    erf: { absolute: 4 * 2 ** -24 },
  },
}

function inputs(format: 'tf32' | 'bf16' | 'fp16'): Profile {
  return {
    ...portable,
    name: `${format}-inputs`,
    about: `as portable, both factors of every product rounded to ${format}, sums in float32`,
    formats: { ...portable.formats, productInputs: format },
  }
}

function outputs(format: 'bf16' | 'fp16'): Profile {
  return {
    ...inputs(format),
    name: format,
    about: `factors of products and every tensor in the file rounded to ${format}, sums in float32`,
    formats: { ...inputs(format).formats, outputs: format },
  }
}

/** `model.bfloat16()` and `model.half()` in PyTorch. */
function model(format: 'bf16' | 'fp16'): Profile {
  return {
    ...portable,
    name: `${format}-model`,
    about: `a model in ${format}: inputs, params and the result of every operation rounded to it, sums inside one in float32`,
    formats: { productInputs: format, results: format, outputs: format },
  }
}

/** The same written by hand: LayerNorm, GELU and softmax are steps of their own. */
function stepwise(format: 'bf16' | 'fp16'): Profile {
  return {
    ...model(format),
    name: `${format}-stepwise`,
    about: `as ${format}-model, with LayerNorm, GELU and softmax written out, every step rounded to ${format}`,
    rewrites: { ...portable.rewrites, stepwise: true },
  }
}

/** The profiles that have a name. */
export const shippedProfiles: readonly Profile[] = [
  portable,
  wgsl,
  strict,
  inputs('tf32'),
  inputs('bf16'),
  inputs('fp16'),
  outputs('bf16'),
  outputs('fp16'),
  model('bf16'),
  model('fp16'),
  stepwise('bf16'),
  stepwise('fp16'),
]
