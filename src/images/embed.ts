import { product } from '../../reference/float32/product.ts'
import { ShapeError } from '../../reference/shape-error.ts'
import { sameShape, sizeOf, tensor, type Shape, type Tensor } from '../../reference/tensor.ts'
import { random, type Random } from '../random.ts'

/** DeiT-S on 224 × 224: patches of 16 × 16 in a grid of 14 × 14, C = 384. */
export const PATCH = 16
export const GRID = 14
export const CHANNELS = 384
const IMAGE_TOKENS = GRID * GRID
const PATCH_SIZE = 3 * PATCH * PATCH
const SIDE = GRID * PATCH
const STD = 0.02

type Reals = Tensor<Float32Array>

export interface Stem {
  /** `[384, 3, 16, 16]`: out, colour, row, column, as PyTorch keeps a convolution. */
  readonly weight: Reals
  /** `[384]` */
  readonly bias: Reals
  /** `[384]` */
  readonly classToken: Reals
  /** `[197, 384]`, the class token's first. */
  readonly positions: Reals
}

export interface Embedded {
  /** `[196, 384]`: patches row by row, each with its position. */
  readonly tokens: Reals
  /** `[197, 384]`: the class token with its position, then `tokens`. */
  readonly tokensWithClass: Reals
}

/**
 * `tokens[n] = (patch[n] Wᵀ + b) + positions[n + 1]`, `tokensWithClass = Concat(classToken + positions[0], tokens)`;
 * patch n, flattened in the order colour, row, column, is `[768]`, W the weight as `[384, 768]`.
 *
 * Dosovitskiy et al., "An Image Is Worth 16x16 Words" (2021), Eq. (1), at DeiT-S's sizes. Every stored tensor (the
 * projection, then the sum) is float32, worked out in float64 and rounded once.
 *
 * It stands in for a trained stem: the weights are drawn, not learned, and nothing rescales the tokens, so they are
 * real photographs in content and small in scale.
 *
 * @throws ShapeError when `pixels` is not `[224, 224, 3]`
 */
export function embedImage(pixels: Tensor, seed: number | string): Embedded {
  const stem = drawStem(seed)
  const patches = gatherPatches(pixels)
  const tokens = new Float32Array(IMAGE_TOKENS * CHANNELS)
  const { weight, bias, classToken, positions } = stem
  product(tokens, 0, patches, 0, weight.data, 0, IMAGE_TOKENS, PATCH_SIZE, CHANNELS, true, bias.data)
  for (let i = 0; i < tokens.length; i++) tokens[i] += positions.data[CHANNELS + i]

  const tokensWithClass = new Float32Array((1 + IMAGE_TOKENS) * CHANNELS)
  for (let c = 0; c < CHANNELS; c++) tokensWithClass[c] = classToken.data[c] + positions.data[c]
  tokensWithClass.set(tokens, CHANNELS)
  return {
    tokens: tensor(tokens, [IMAGE_TOKENS, CHANNELS]),
    tokensWithClass: tensor(tokensWithClass, [1 + IMAGE_TOKENS, CHANNELS]),
  }
}

/** The stem of `seed`: every number normal with mean 0 and standard deviation 0.02, each tensor its own stream. */
export function drawStem(seed: number | string): Stem {
  const source = random(seed).fork('stem')
  return {
    weight: drawNormals(source.fork('weight'), [CHANNELS, 3, PATCH, PATCH]),
    bias: drawNormals(source.fork('bias'), [CHANNELS]),
    classToken: drawNormals(source.fork('classToken'), [CHANNELS]),
    positions: drawNormals(source.fork('positions'), [1 + IMAGE_TOKENS, CHANNELS]),
  }
}

function drawNormals(source: Random, shape: Shape): Reals {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => STD * source.normal()),
    shape,
  )
}

/** `pixels [224, 224, 3]` → `[196, 768]`: one patch a row, its numbers in the order colour, row, column. */
function gatherPatches(pixels: Tensor): Float32Array {
  if (!sameShape(pixels.shape, [SIDE, SIDE, 3])) {
    throw new ShapeError('embedImage', 'pixels', `[${SIDE}, ${SIDE}, 3]`, pixels.shape, 'preprocess it first')
  }
  const patches = new Float32Array(IMAGE_TOKENS * PATCH_SIZE)
  let at = 0
  for (let patch = 0; patch < IMAGE_TOKENS; patch++) {
    const [top, left] = [Math.floor(patch / GRID) * PATCH, (patch % GRID) * PATCH]
    for (let colour = 0; colour < 3; colour++) {
      for (let row = top; row < top + PATCH; row++) {
        for (let column = left; column < left + PATCH; column++)
          patches[at++] = pixels.get(row, column, colour)
      }
    }
  }
  return patches
}
