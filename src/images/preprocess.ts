import { tensor, type Tensor } from '../../reference/tensor.ts'
import type { DecodedImage } from './decode.ts'
import { resizeAndCrop } from './resize.ts'

/** The shorter side after resizing, and the side of the square cut from its middle: 224/0.875 and 224. */
const RESIZED = 256
export const CROP = 224
/** Of the ImageNet training set, red, green, blue, in units of the full range. */
export const MEAN: readonly number[] = [0.485, 0.456, 0.406]
export const STD: readonly number[] = [0.229, 0.224, 0.225]

/**
 * `x[r, c, ch] = (v[r, c, ch]/255 − mean[ch]) / std[ch]`, v the picture resized and cropped → `[224, 224, 3]`.
 *
 * As DeiT evaluates (facebookresearch/deit, `datasets.py`, `build_transform`): shorter side to 256, bicubic, centre
 * crop, normalise. Sizes and offsets round as torchvision's do: the longer side down, the crop's corner half to even.
 * The same picture gives the same bits everywhere.
 *
 * One departure: the normalisation is in float64, rounded once, where torchvision rounds each of its three steps.
 */
export function preprocess(image: DecodedImage): Tensor<Float32Array> {
  const shorter = Math.min(image.width, image.height)
  const newWidth = Math.floor((RESIZED * image.width) / shorter)
  const newHeight = Math.floor((RESIZED * image.height) / shorter)
  const crop = { left: corner(newWidth), top: corner(newHeight), side: CROP }
  const levels = resizeAndCrop(image, newWidth, newHeight, crop)
  const normalised = normalisedLevels()
  const out = Float32Array.from(levels, (level, i) => normalised[(i % 3) * 256 + level])
  return tensor(out, [CROP, CROP, 3])
}

/** (extent − 224)/2, rounded half to even. */
function corner(extent: number): number {
  const low = Math.floor((extent - CROP) / 2)
  return (extent - CROP) % 2 === 1 && low % 2 === 1 ? low + 1 : low
}

/** `[3, 256]`: what each 8-bit level of each channel becomes. */
function normalisedLevels(): Float32Array {
  return Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const channel = Math.floor(i / 256)
    return ((i % 256) / 255 - MEAN[channel]) / STD[channel]
  })
}
